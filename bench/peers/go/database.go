package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A statement of sql/queries. Its first line says what it takes and gives; params and columns say where this program has them.
type statement struct {
	text    string
	params  []int // which of the values that args takes
	columns []int // which of the places that scan takes, or -1
}

var (
	interfaceLine = regexp.MustCompile(`^-- \w+ :\S+ \(([^)]*)\)(?: -> \((.*)\))?$`)
	inside        = regexp.MustCompile(`\([^)]*\)`)
)

func indexOf(names []string, name string) int {
	for i, one := range names {
		if one == name {
			return i
		}
	}
	return -1
}

func declared(list string) []string {
	var names []string
	for _, one := range strings.Split(inside.ReplaceAllString(list, ""), ",") {
		if words := strings.Fields(one); len(words) > 0 {
			names = append(names, words[0])
		}
	}
	return names
}

// readStatement finds NAME in its room. params and columns: the names of what this program gives and wants, in the order in which
// it does.
func readStatement(directory, name, params, columns string) (*statement, error) {
	var path string
	err := filepath.WalkDir(directory, func(found string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == name+".sql" {
			path = found
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	head, _, _ := strings.Cut(string(text), "\n")
	parts := interfaceLine.FindStringSubmatch(head)
	if parts == nil {
		return nil, fmt.Errorf("%s: its first line is no interface", name)
	}
	made := &statement{text: string(text)}
	given, wanted := strings.Fields(params), strings.Fields(columns)
	for _, param := range declared(parts[1]) {
		index := indexOf(given, param)
		if index < 0 {
			return nil, fmt.Errorf("%s needs %s", name, param)
		}
		made.params = append(made.params, index)
	}
	there := declared(parts[2])
	for _, column := range there {
		made.columns = append(made.columns, indexOf(wanted, column))
	}
	for _, column := range wanted {
		if indexOf(there, column) < 0 {
			return nil, fmt.Errorf("%s has no column %s", name, column)
		}
	}
	return made, nil
}

func (s *statement) args(values ...any) []any {
	args := make([]any, len(s.params))
	for i, index := range s.params {
		args[i] = values[index]
	}
	return args
}

func (s *statement) scan(row pgx.Row, places ...any) error {
	into := make([]any, len(s.columns))
	for i, index := range s.columns {
		if index >= 0 {
			into[i] = places[index]
		}
	}
	return row.Scan(into...)
}

// What every statement that takes facts of the request may ask for.
const factNames = "realm token_hash roles operation request_id client_address"

type statements struct {
	prove, close, self, list, key, read, lock, save, assignment, submit, definition *statement
}

func readStatements(directory string) (*statements, error) {
	var all statements
	for _, one := range []struct {
		into                  **statement
		name, params, columns string
	}{
		{&all.prove, "session_prove", factNames, "practice_id actor_id wrapped_key expires_at"},
		{&all.close, "audit_close", "object outcome kind " + factNames, ""},
		{&all.self, "staff_self", "key", "id practice_id practice_name role name email"},
		{&all.list, "questionnaire_list", "status words before fetch", "id status title revision version created_at updated_at"},
		{&all.key, "response_key", "id", "patient_id wrapped_key"},
		{&all.read, "response_read", "id key", "patient_id assignment_id questionnaire_id version title status amends revision " +
			"started_at updated_at submitted_at definition_sha256 response_sha256 answers scores uploads moves_to_version from_version " +
			"to_version migrated_at dropped"},
		{&all.lock, "my_response_lock", "id key", "patient_id assignment_id questionnaire_id version status revision amends " +
			"cancelled answers"},
		{&all.save, "my_response_save", "id key answers answered total required_missing", "revision"},
		{&all.assignment, "my_assignment_status", "id status", ""},
		{&all.submit, "my_response_submit", "id key answers scores submitted_at response_sha256 answered total",
			"revision definition_sha256"},
		{&all.definition, "questionnaire_version_text", "questionnaire_id version", "definition"},
	} {
		made, err := readStatement(directory, one.name, one.params, one.columns)
		if err != nil {
			return nil, err
		}
		*one.into = made
	}
	return &all, nil
}

// A transaction of one request: what is queued travels together.
type transaction struct {
	context context.Context
	cancel  context.CancelFunc
	server  *server
	conn    *pgxpool.Conn
	batch   *pgx.Batch
	key     []byte // of who is signed in, when it is known
	facts   facts
	expires time.Time // the session, once it is proven
}

func (t *transaction) trip() error {
	batch := t.batch
	t.batch = &pgx.Batch{}
	return t.conn.SendBatch(t.context, batch).Close()
}

// finish queues the audit row and COMMIT, and makes the last trip.
func (t *transaction) finish(object any, kind string) error {
	f, close := t.facts, t.server.sql.close
	t.batch.Queue(close.text, close.args(object, "ok", kind, f.realm, f.hash, f.roles, f.operation, f.request, f.address)...)
	return t.commit()
}

func (t *transaction) commit() error {
	t.batch.Queue("COMMIT")
	return t.trip()
}

// end gives the connection back. The pool closes one whose transaction did not end.
func (t *transaction) end() {
	t.conn.Release()
	t.cancel()
}
