package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
)

// Questionnaires as far as the benchmark's needs it: branching on the answers of one list, sums of the options' weights, scores. A
// good part of what lib/form does is missing (repeated groups, FHIRPath, dates, constraints): the comparison is not to be won here.

const (
	calculated = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
	weight     = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
	bands      = "urn:anamnesis:extension:score-bands"
)

var term = regexp.MustCompile(`^%resource\.item\.where\(linkId = '([^']+)'\)\.answer\.value\.ordinal\(\)$`)

type coding struct {
	System  string `json:"system,omitempty"`
	Code    string `json:"code"`
	Display string `json:"display,omitempty"`
}

type answer struct {
	Boolean *bool    `json:"valueBoolean,omitempty"`
	Integer *int64   `json:"valueInteger,omitempty"`
	Decimal *float64 `json:"valueDecimal,omitempty"`
	String  *string  `json:"valueString,omitempty"`
	Date    *string  `json:"valueDate,omitempty"`
	Coding  *coding  `json:"valueCoding,omitempty"`
}

type item struct {
	LinkID string   `json:"linkId"`
	Answer []answer `json:"answer"`
}

type extension struct {
	URL        string  `json:"url"`
	Decimal    float64 `json:"valueDecimal"`
	Code       string  `json:"valueCode"`
	String     string  `json:"valueString"`
	Expression struct {
		Expression string `json:"expression"`
	} `json:"valueExpression"`
	Extension []extension `json:"extension"`
}

type condition struct {
	Question string `json:"question"`
	Coding   coding `json:"answerCoding"`
}

type question struct {
	LinkID         string      `json:"linkId"`
	Text           string      `json:"text"`
	Type           string      `json:"type"`
	Required       bool        `json:"required"`
	EnableWhen     []condition `json:"enableWhen"`
	EnableBehavior string      `json:"enableBehavior"`
	Extension      []extension `json:"extension"`
	Options        []struct {
		Coding    coding      `json:"valueCoding"`
		Extension []extension `json:"extension"`
	} `json:"answerOption"`
	weights map[coding]float64 // without the display
	terms   []string           // of a calculated one
	index   int
}

type form struct {
	questions []*question
	byLinkID  map[string]*question
}

type progress struct {
	Answered        int `json:"answered"`
	Total           int `json:"total"`
	RequiredMissing int `json:"required_missing"`
}

type issue struct {
	Path     string `json:"path"`
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Detail   string `json:"detail"`
}

type band struct {
	Code  string `json:"code"`
	Label string `json:"label"`
}

type score struct {
	LinkID string  `json:"link_id"`
	Text   string  `json:"text"`
	Value  float64 `json:"value"`
	Band   *band   `json:"band"`
}

func find(all []extension, url string) *extension {
	for i := range all {
		if all[i].URL == url {
			return &all[i]
		}
	}
	return nil
}

func (c coding) key() coding { return coding{System: c.System, Code: c.Code} }

// prepare works out once for each version what every request needs.
func prepare(text string) (*form, error) {
	var definition struct {
		Item []*question `json:"item"`
	}
	if err := json.Unmarshal([]byte(text), &definition); err != nil {
		return nil, err
	}
	made := &form{byLinkID: map[string]*question{}}
	for _, one := range definition.Item {
		if one.Type == "display" {
			continue
		}
		one.index, one.weights = len(made.questions), map[coding]float64{}
		for _, option := range one.Options {
			if found := find(option.Extension, weight); found != nil {
				one.weights[option.Coding.key()] = found.Decimal
			} else {
				one.weights[option.Coding.key()] = 0
			}
		}
		if formula := find(one.Extension, calculated); formula != nil {
			for _, part := range strings.Split(formula.Expression.Expression, " + ") {
				found := term.FindStringSubmatch(part)
				if found == nil {
					return nil, fmt.Errorf("%s is calculated by more than a sum", one.LinkID)
				}
				one.terms = append(one.terms, found[1])
			}
		}
		made.questions = append(made.questions, one)
		made.byLinkID[one.LinkID] = one
	}
	return made, nil
}

func answersOf(items []item, linkID string) []answer {
	for i := range items {
		if items[i].LinkID == linkID {
			return items[i].Answer
		}
	}
	return nil
}

// put sets the answers of one question in its place, in the definition's order; none takes them away.
func (f *form) put(items []item, linkID string, answers []answer) []item {
	at, after := -1, len(items)
	for i := range items {
		if items[i].LinkID == linkID {
			at = i
		} else if f.byLinkID[items[i].LinkID].index > f.byLinkID[linkID].index && after == len(items) {
			after = i
		}
	}
	switch {
	case answers == nil && at >= 0:
		return append(items[:at], items[at+1:]...)
	case answers == nil:
		return items
	case at >= 0:
		items[at].Answer = answers
		return items
	}
	items = append(items, item{})
	copy(items[after+1:], items[after:])
	items[after] = item{linkID, answers}
	return items
}

func (a answer) isA(kind string) bool {
	switch kind {
	case "boolean":
		return a.Boolean != nil
	case "integer":
		return a.Integer != nil
	case "decimal":
		return a.Decimal != nil
	case "string", "text":
		return a.String != nil && *a.String != ""
	case "date":
		return a.Date != nil
	case "choice":
		return a.Coding != nil && a.Coding.Code != ""
	}
	return false
}

func (f *form) check(linkID string, answers []answer) error {
	one := f.byLinkID[linkID]
	if one == nil || one.terms != nil {
		return problem{422, "invalid-form"}
	}
	for _, each := range answers {
		if !each.isA(one.Type) {
			return problem{422, "invalid-form"}
		}
	}
	return nil
}

func holds(items []item, one condition) bool {
	for _, each := range answersOf(items, one.Question) {
		if each.Coding != nil && each.Coding.key() == one.Coding.key() {
			return true
		}
	}
	return false
}

func (q *question) isEnabled(items []item) bool {
	any := q.EnableBehavior == "any"
	for _, one := range q.EnableWhen {
		if holds(items, one) == any {
			return any
		}
	}
	return len(q.EnableWhen) == 0 || !any
}

func (q *question) offers(one answer) bool {
	if one.Coding == nil {
		return false
	}
	_, ok := q.weights[one.Coding.key()]
	return ok
}

// calculate sums the weights of what was answered; there is no sum as long as one of the answers is missing.
func (f *form) calculate(items []item) []item {
	for _, one := range f.questions {
		if one.terms == nil {
			continue
		}
		sum, whole := 0.0, true
		for _, linkID := range one.terms {
			answers := answersOf(items, linkID)
			if len(answers) == 0 || answers[0].Coding == nil {
				whole = false
				break
			}
			found, ok := f.byLinkID[linkID].weights[answers[0].Coding.key()]
			sum, whole = sum+found, whole && ok
		}
		if whole {
			items = f.put(items, one.LinkID, []answer{{Decimal: &sum}})
		} else {
			items = f.put(items, one.LinkID, nil)
		}
	}
	return items
}

func (f *form) judge(items []item) (progress, []issue) {
	var now progress
	issues := []issue{}
	for _, one := range f.questions {
		if one.terms != nil || !one.isEnabled(items) {
			continue
		}
		answers := answersOf(items, one.LinkID)
		now.Total++
		if len(answers) > 0 {
			now.Answered++
		} else if one.Required {
			now.RequiredMissing++
		}
		for _, each := range answers {
			if len(one.weights) > 0 && !one.offers(each) {
				issues = append(issues, issue{one.LinkID, "error", "not-an-option", "This must be one of the choices offered."})
				break
			}
		}
	}
	return now, issues
}

type changes struct {
	Set   map[string][]answer `json:"set"`
	Clear []string            `json:"clear"`
}

type saved struct {
	answers  string
	progress progress
	issues   []issue
}

// stored: the answers as a JSON array, then a newline and the revision in which each path was last touched.
func readStored(stored string) ([]item, map[string]int, error) {
	var items []item
	touched := map[string]int{}
	lines := strings.SplitN(stored, "\n", 3)
	err := json.Unmarshal([]byte(lines[0]), &items)
	if err == nil && len(lines) > 1 {
		err = json.Unmarshal([]byte(lines[1]), &touched)
	}
	return items, touched, err
}

func (f *form) autosave(stored string, revision, base int, wanted changes) (saved, error) {
	items, touched, err := readStored(stored)
	if err != nil {
		return saved{}, err
	}
	for _, path := range wanted.Clear {
		if wanted.Set == nil {
			wanted.Set = map[string][]answer{}
		}
		wanted.Set[path] = nil
	}
	for path, answers := range wanted.Set {
		if touched[path] > base && !reflect.DeepEqual(answersOf(items, path), answers) {
			return saved{}, problem{409, "answer-conflict"}
		}
	}
	for path, answers := range wanted.Set {
		if err := f.check(path, answers); err != nil {
			return saved{}, err
		}
		items = f.put(items, path, answers)
		touched[path] = revision + 1
	}
	items = f.calculate(items)
	now, issues := f.judge(items)
	first, err := toJSON(items)
	if err != nil {
		return saved{}, err
	}
	second, err := toJSON(touched)
	return saved{string(first) + "\n" + string(second), now, issues}, err
}

// submit gives the answers as they are kept for ever, without those of questions that are not asked, and what they are worth.
func (f *form) submit(stored string) ([]item, progress, []score, error) {
	all, _, err := readStored(stored)
	if err != nil {
		return nil, progress{}, nil, err
	}
	items := []item{}
	for _, one := range all {
		if f.byLinkID[one.LinkID].isEnabled(all) {
			items = append(items, one)
		}
	}
	items = f.calculate(items)
	now, issues := f.judge(items)
	if len(issues) > 0 || now.RequiredMissing > 0 {
		return nil, now, nil, problem{422, "invalid-form"}
	}
	scores := []score{}
	for _, one := range f.questions {
		answers, ranges := answersOf(items, one.LinkID), find(one.Extension, bands)
		if ranges != nil && len(answers) > 0 && answers[0].Decimal != nil {
			value := *answers[0].Decimal
			scores = append(scores, score{one.LinkID, one.Text, value, bandOf(ranges.Extension, value)})
		}
	}
	return items, now, scores, nil
}

func bandOf(ranges []extension, value float64) *band {
	for _, one := range ranges {
		least, most := find(one.Extension, "min"), find(one.Extension, "max")
		if least.Decimal <= value && value <= most.Decimal {
			return &band{find(one.Extension, "code").Code, find(one.Extension, "label").String}
		}
	}
	return nil
}
