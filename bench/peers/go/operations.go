package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

const (
	owner      = 1
	physician  = 2
	everyStaff = 15
	patient    = 16
	keyAtHand  = 64 // beside the roles: the wrapped key need not be read
	pageSize   = 50
	pageMost   = 200
	bodyMost   = 262144
	// A transaction that was begun is finished, also when the client hangs up: the connection and what it has prepared stay.
	transactionMost = 4500 * time.Millisecond
)

// What is known of a request when its transaction begins.
type facts struct {
	realm, operation, request, address, token string
	hash                                      []byte
	roles                                     int
}

func (s *server) begin(r *http.Request, id, realm string, roles int, operation string) (*transaction, error) {
	text := r.Header.Get("Authorization")
	if !strings.HasPrefix(text, "Bearer ") {
		return nil, problem{401, "not-signed-in"}
	}
	token := strings.TrimPrefix(text, "Bearer ")
	hash, err := s.keys.tokenHash(token)
	if err != nil {
		return nil, problem{401, "not-signed-in"}
	}
	key := s.keys.of(token) // what is known now may be forgotten before the proof comes
	if key != nil {
		roles |= keyAtHand
	}
	within, cancel := context.WithTimeout(context.Background(), transactionMost)
	conn, err := s.pool.Acquire(within)
	if err != nil {
		cancel()
		return nil, err
	}
	t := &transaction{within, cancel, s, conn, &pgx.Batch{}, key,
		facts{realm, operation, id, r.Header.Get("X-Real-IP"), token, hash, roles}, time.Time{}}
	t.batch.Queue("BEGIN")
	prove := s.sql.prove
	t.batch.Queue(prove.text, prove.args(realm, hash, roles, operation, id, t.facts.address)...).QueryRow(func(row pgx.Row) error {
		var practice, actor pgtype.UUID
		var wrapped []byte
		if err := prove.scan(row, &practice, &actor, &wrapped, &t.expires); err != nil {
			return err
		}
		if wrapped == nil {
			return nil
		}
		var err error
		t.key, err = s.keys.keep(token, text36(actor), wrapped)
		return err
	})
	return t, nil
}

// ownKey gives the key of who is signed in; a trip more when it is not known yet.
func (t *transaction) ownKey() ([]byte, error) {
	if t.key == nil {
		if err := t.trip(); err != nil {
			return nil, err
		}
	}
	return t.key, nil
}

type staff struct {
	ID           string `json:"id"`
	PracticeID   string `json:"practice_id"`
	PracticeName string `json:"practice_name"`
	Role         string `json:"role"`
	Name         string `json:"name"`
	Email        string `json:"email"`
}

func (s *server) showSession(w http.ResponseWriter, r *http.Request, id string) (any, error) {
	t, err := s.begin(r, id, "staff", everyStaff, "staff_session")
	if err != nil {
		return nil, err
	}
	defer t.end()
	key, err := t.ownKey()
	if err != nil {
		return nil, err
	}
	var me staff
	t.batch.Queue(s.sql.self.text, s.sql.self.args(key)...).QueryRow(func(row pgx.Row) error {
		var self, practice pgtype.UUID
		err := s.sql.self.scan(row, &self, &practice, &me.PracticeName, &me.Role, &me.Name, &me.Email)
		me.ID, me.PracticeID = text36(self), text36(practice)
		return err
	})
	if err := t.commit(); err != nil {
		return nil, err
	}
	return struct {
		Staff   staff  `json:"staff"`
		Expires moment `json:"expires_at"`
	}{me, moment(t.expires)}, nil
}

type questionnaireItem struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Title    string `json:"title"`
	Revision int    `json:"revision"`
	Version  *int   `json:"version"`
	Created  moment `json:"created_at"`
	Updated  moment `json:"updated_at"`
}

func (s *server) listQuestionnaires(w http.ResponseWriter, r *http.Request, id string) (any, error) {
	limit := pageSize
	if text := r.URL.Query().Get("limit"); text != "" {
		number, err := strconv.Atoi(text)
		if err != nil || number < 1 || number > pageMost {
			return nil, problem{400, "invalid-request"}
		}
		limit = number
	}
	t, err := s.begin(r, id, "staff", everyStaff, "questionnaire_list")
	if err != nil {
		return nil, err
	}
	defer t.end()
	list := s.sql.list
	page := struct {
		Items []questionnaireItem `json:"items"`
		Next  *string             `json:"next_cursor"`
	}{Items: []questionnaireItem{}}
	t.batch.Queue(list.text, list.args(nil, nil, nil, limit+1)...).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var one questionnaireItem
			var id pgtype.UUID
			err := list.scan(rows, &id, &one.Status, &one.Title, &one.Revision, &one.Version, (*time.Time)(&one.Created),
				(*time.Time)(&one.Updated))
			if err != nil {
				return err
			}
			one.ID = text36(id)
			page.Items = append(page.Items, one)
		}
		return rows.Err()
	})
	if err := t.finish(nil, "event"); err != nil {
		return nil, err
	}
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		page.Next = &page.Items[limit-1].ID
	}
	return page, nil
}

type document struct {
	ResourceType  string            `json:"resourceType"`
	ID            string            `json:"id"`
	Questionnaire string            `json:"questionnaire"`
	Status        string            `json:"status"`
	Subject       map[string]string `json:"subject"`
	Authored      moment            `json:"authored"`
	Item          json.RawMessage   `json:"item"`
}

func newDocument(id, questionnaire string, version int, status, patient string, authored time.Time, items []byte) document {
	return document{"QuestionnaireResponse", id, "urn:uuid:" + questionnaire + "|" + strconv.Itoa(version), status,
		map[string]string{"reference": "Patient/" + patient}, moment(authored), items}
}

type proof struct {
	Definition string `json:"definition_sha256"`
	Response   string `json:"response_sha256"`
}

type migrated struct {
	From    int             `json:"from_version"`
	To      int             `json:"to_version"`
	At      moment          `json:"migrated_at"`
	Dropped json.RawMessage `json:"dropped"`
}

type view struct {
	ID             string          `json:"id"`
	PatientID      string          `json:"patient_id"`
	AssignmentID   string          `json:"assignment_id"`
	Questionnaire  string          `json:"questionnaire_id"`
	Version        int             `json:"version"`
	Title          string          `json:"title"`
	Status         string          `json:"status"`
	Amends         *string         `json:"amends"`
	Revision       int             `json:"revision"`
	StartedAt      moment          `json:"started_at"`
	UpdatedAt      moment          `json:"updated_at"`
	SubmittedAt    *moment         `json:"submitted_at"`
	Response       document        `json:"response"`
	MovesToVersion *int            `json:"moves_to_version"`
	Migrated       *migrated       `json:"migrated"`
	Scores         json.RawMessage `json:"scores"`
	Uploads        json.RawMessage `json:"uploads"`
	Proof          *proof          `json:"proof"`
}

// responseKey gives the key of a response's patient; a trip more when it is not known yet.
func (t *transaction) responseKey(response string) ([]byte, error) {
	keys, statement := t.server.keys, t.server.sql.key
	key := keys.of(response)
	if key == nil {
		t.batch.Queue(statement.text, statement.args(response)...).QueryRow(func(row pgx.Row) error {
			var patient pgtype.UUID
			var wrapped []byte
			if err := statement.scan(row, &patient, &wrapped); err != nil {
				return err
			}
			var err error
			key, err = keys.keep(response, text36(patient), wrapped)
			return err
		})
		if err := t.trip(); err != nil {
			return nil, err
		}
	}
	return key, nil
}

func (s *server) readView(row pgx.Row, response string) (view, error) {
	v := view{ID: response, Scores: json.RawMessage("[]")}
	var patient, assignment, questionnaire, amends pgtype.UUID
	var from, to *int
	var definition, sealed []byte
	var answers, uploads string
	var scores, dropped *string
	var submitted, moved *time.Time
	err := s.sql.read.scan(row, &patient, &assignment, &questionnaire, &v.Version, &v.Title, &v.Status, &amends, &v.Revision,
		(*time.Time)(&v.StartedAt), (*time.Time)(&v.UpdatedAt), &submitted, &definition, &sealed, &answers, &scores,
		&uploads, &v.MovesToVersion, &from, &to, &moved, &dropped)
	if err != nil {
		return v, err
	}
	v.PatientID, v.AssignmentID, v.Questionnaire = text36(patient), text36(assignment), text36(questionnaire)
	authored := time.Time(v.UpdatedAt)
	if amends.Valid {
		text := text36(amends)
		v.Amends = &text
	}
	if submitted != nil {
		v.SubmittedAt, authored = (*moment)(submitted), *submitted
	}
	v.Uploads = json.RawMessage(uploads)
	items, _, _ := strings.Cut(answers, "\n")
	v.Response = newDocument(response, v.Questionnaire, v.Version, v.Status, v.PatientID, authored, []byte(items))
	if scores != nil {
		v.Scores = json.RawMessage(*scores)
	}
	if from != nil {
		v.Migrated = &migrated{*from, *to, moment(*moved), nil}
		if dropped != nil {
			v.Migrated.Dropped = json.RawMessage(*dropped)
		}
	}
	if sealed != nil {
		v.Proof = &proof{hex.EncodeToString(definition), hex.EncodeToString(sealed)}
	}
	return v, nil
}

func (s *server) readResponse(w http.ResponseWriter, r *http.Request, id string) (any, error) {
	response, err := identifier(r)
	if err != nil {
		return nil, err
	}
	t, err := s.begin(r, id, "staff", owner|physician, "response_get")
	if err != nil {
		return nil, err
	}
	defer t.end()
	key, err := t.responseKey(response)
	if err != nil {
		return nil, err
	}
	var v view
	t.batch.Queue(s.sql.read.text, s.sql.read.args(response, key)...).QueryRow(func(row pgx.Row) (err error) {
		v, err = s.readView(row, response)
		return err
	})
	if err := t.finish(response, "patient"); err != nil {
		return nil, err
	}
	setTag(w, v.Revision)
	return v, nil
}

func (s *server) formOf(t *transaction, questionnaire string, version int) (*form, error) {
	name := questionnaire + "|" + strconv.Itoa(version)
	if found, ok := s.forms.get(name).(*form); ok {
		return found, nil
	}
	var made *form
	t.batch.Queue(s.sql.definition.text, s.sql.definition.args(questionnaire, version)...).QueryRow(func(row pgx.Row) error {
		var text string
		err := s.sql.definition.scan(row, &text)
		if err == nil {
			made, err = prepare(text)
		}
		return err
	})
	err := t.trip()
	if err == nil {
		s.forms.put(name, made)
	}
	return made, err
}

// A patient's own response, locked until the end of the transaction.
type locked struct {
	id, patient, assignment, questionnaire string
	version, revision                      int
	amends                                 bool
	answers                                string
	key                                    []byte
	form                                   *form
}

func (s *server) lock(t *transaction, response string) (*locked, error) {
	key, err := t.ownKey()
	if err != nil {
		return nil, err
	}
	row := locked{id: response, key: key}
	var status string
	var cancelled bool
	t.batch.Queue(s.sql.lock.text, s.sql.lock.args(response, key)...).QueryRow(func(found pgx.Row) error {
		var patient, assignment, questionnaire, amends pgtype.UUID
		err := s.sql.lock.scan(found, &patient, &assignment, &questionnaire, &row.version, &status, &row.revision, &amends,
			&cancelled, &row.answers)
		row.patient, row.assignment, row.questionnaire = text36(patient), text36(assignment), text36(questionnaire)
		row.amends = amends.Valid
		return err
	})
	if err := t.trip(); err != nil {
		return nil, err
	}
	if status == "completed" || status == "amended" {
		return nil, problem{409, "already-completed"}
	}
	if cancelled || status == "stopped" {
		return nil, problem{409, "not-active"}
	}
	row.form, err = s.formOf(t, row.questionnaire, row.version)
	return &row, err
}

func (s *server) saveResponse(w http.ResponseWriter, r *http.Request, id string) (any, error) {
	response, err := identifier(r)
	if err != nil {
		return nil, err
	}
	base, err := revision(r)
	if err != nil {
		return nil, err
	}
	var wanted changes
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyMost))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&wanted) != nil {
		return nil, problem{400, "invalid-request"}
	}
	t, err := s.begin(r, id, "patient", patient, "my_response_autosave")
	if err != nil {
		return nil, err
	}
	defer t.end()
	row, err := s.lock(t, response)
	if err != nil {
		return nil, err
	}
	if base > row.revision {
		return nil, problem{412, "stale-revision"}
	}
	now, err := row.form.autosave(row.answers, row.revision, base, wanted)
	if err != nil {
		return nil, err
	}
	reply := struct {
		Revision int      `json:"revision"`
		Progress progress `json:"progress"`
		Issues   []issue  `json:"issues"`
	}{0, now.progress, now.issues}
	t.batch.Queue(s.sql.save.text, s.sql.save.args(response, row.key, now.answers, now.progress.Answered, now.progress.Total,
		now.progress.RequiredMissing)...).QueryRow(func(found pgx.Row) error { return s.sql.save.scan(found, &reply.Revision) })
	if err := t.finish(response, "patient"); err != nil {
		return nil, err
	}
	setTag(w, reply.Revision)
	return reply, nil
}

type submitted struct {
	ID          string  `json:"id"`
	Status      string  `json:"status"`
	Revision    int     `json:"revision"`
	SubmittedAt moment  `json:"submitted_at"`
	Scores      []score `json:"scores"`
	Uploads     []any   `json:"uploads"`
	Proof       proof   `json:"proof"`
}

func (s *server) submitResponse(w http.ResponseWriter, r *http.Request, id string) (any, error) {
	response, err := identifier(r)
	if err != nil {
		return nil, err
	}
	base, err := revision(r)
	if err != nil {
		return nil, err
	}
	t, err := s.begin(r, id, "patient", patient, "my_response_submit")
	if err != nil {
		return nil, err
	}
	defer t.end()
	row, err := s.lock(t, response)
	if err != nil {
		return nil, err
	}
	if base != row.revision {
		return nil, problem{412, "stale-revision"}
	}
	return s.complete(w, t, row)
}

// complete stores the response for ever, with the hash of what the patient keeps as proof.
func (s *server) complete(w http.ResponseWriter, t *transaction, row *locked) (any, error) {
	items, now, scores, err := row.form.submit(row.answers)
	if err != nil {
		return nil, err
	}
	at := time.Now().UTC().Truncate(time.Millisecond)
	reply := submitted{ID: row.id, Status: "completed", SubmittedAt: moment(at), Scores: scores, Uploads: []any{}}
	if row.amends {
		reply.Status = "amended"
	}
	answers, err := toJSON(items)
	if err != nil {
		return nil, err
	}
	worth, err := toJSON(scores)
	if err != nil {
		return nil, err
	}
	text, err := canonical(newDocument(row.id, row.questionnaire, row.version, reply.Status, row.patient, at, answers))
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(text)
	t.batch.Queue(s.sql.assignment.text, s.sql.assignment.args(row.assignment, "completed")...)
	t.batch.Queue(s.sql.submit.text, s.sql.submit.args(row.id, row.key, string(answers), string(worth), at, hash[:], now.Answered,
		now.Total)...).QueryRow(func(found pgx.Row) error {
		var definition []byte
		err := s.sql.submit.scan(found, &reply.Revision, &definition)
		reply.Proof = proof{hex.EncodeToString(definition), hex.EncodeToString(hash[:])}
		return err
	})
	if err := t.finish(row.id, "patient"); err != nil {
		return nil, err
	}
	setTag(w, reply.Revision)
	return reply, nil
}
