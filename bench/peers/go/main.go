// The peer as a good Go developer would write it: five operations of openapi.yaml by net/http on a Unix socket, for nginx to reach by
// kept connections; pgx with prepared statements, those of a trip in one batch; the statements of sql/queries. One process, with as
// many connections as there are api workers (bench/harness/peer.py).
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

const headerTimeout = 10 * time.Second

type server struct {
	pool  *pgxpool.Pool
	keys  *keys
	sql   *statements
	forms *cache // questionnaire and version -> *form
	log   *log.Logger
}

type problem struct {
	status int
	code   string
}

func (p problem) Error() string { return p.code }

var statusOf = map[string]int{"AN401": 401, "AN403": 403, "AN404": 404}

// A moment as the API shows it: UTC, to the millisecond.
type moment time.Time

func (m moment) MarshalJSON() ([]byte, error) {
	return []byte(time.Time(m).UTC().Format(`"2006-01-02T15:04:05.000Z"`)), nil
}

func text36(id pgtype.UUID) string {
	var text [36]byte
	hex.Encode(text[0:8], id.Bytes[0:4])
	hex.Encode(text[9:13], id.Bytes[4:6])
	hex.Encode(text[14:18], id.Bytes[6:8])
	hex.Encode(text[19:23], id.Bytes[8:10])
	hex.Encode(text[24:36], id.Bytes[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

func newID() string {
	var id pgtype.UUID
	_, _ = rand.Read(id.Bytes[:])
	id.Bytes[6], id.Bytes[8] = id.Bytes[6]&15|64, id.Bytes[8]&63|128
	return text36(id)
}

func toJSON(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}

// canonical is RFC 8785 for what this service writes: members in the order of their names.
func canonical(value any) ([]byte, error) {
	text, err := toJSON(value)
	if err != nil {
		return nil, err
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		return nil, err
	}
	return toJSON(plain)
}

var (
	oneUUID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	oneTag  = regexp.MustCompile(`^"([0-9]{1,9})"$`)
)

func identifier(r *http.Request) (string, error) {
	parts := strings.Split(r.URL.Path, "/")
	if len(parts) < 4 || !oneUUID.MatchString(parts[3]) {
		return "", problem{400, "invalid-request"}
	}
	return parts[3], nil
}

func revision(r *http.Request) (int, error) {
	found := oneTag.FindStringSubmatch(r.Header.Get("If-Match"))
	if found == nil {
		return 0, problem{400, "invalid-request"}
	}
	return strconv.Atoi(found[1])
}

func setTag(w http.ResponseWriter, revision int) {
	w.Header().Set("ETag", `"`+strconv.Itoa(revision)+`"`)
}

type operation func(http.ResponseWriter, *http.Request, string) (any, error)

func (s *server) route(r *http.Request) (string, operation) {
	switch path := r.Method + " " + r.URL.Path; {
	case path == "GET /admin/auth/session":
		return "staff_session", s.showSession
	case path == "GET /admin/questionnaires":
		return "questionnaire_list", s.listQuestionnaires
	case strings.HasPrefix(path, "GET /admin/responses/"):
		return "response_get", s.readResponse
	case strings.HasPrefix(path, "PATCH /patient/responses/"):
		return "my_response_autosave", s.saveResponse
	case strings.HasPrefix(path, "POST /patient/responses/") && strings.HasSuffix(path, "/submit"):
		return "my_response_submit", s.submitResponse
	}
	return "none", func(http.ResponseWriter, *http.Request, string) (any, error) { return nil, problem{404, "not-found"} }
}

func statusFor(err error) int {
	var known problem
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &known):
		return known.status
	case errors.Is(err, pgx.ErrNoRows):
		return 404
	case errors.As(err, &refused) && statusOf[refused.Code] != 0:
		return statusOf[refused.Code]
	}
	return 500
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun, id, status, kind := time.Now(), newID(), 200, "application/json"
	name, call := s.route(r)
	value, err := call(w, r, id)
	if err != nil {
		status, kind = statusFor(err), "application/problem+json"
		value = map[string]any{"status": status, "title": err.Error()}
	}
	body, err := toJSON(value)
	if err != nil {
		status, kind = 500, "application/problem+json"
	}
	header := w.Header()
	header.Set("X-Request-Id", id)
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Type", kind)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
	s.log.Printf(`{"request":%q,"operation":%q,"status":%d,"microseconds":%d}`, id, name, status, time.Since(begun).Microseconds())
}

func newServer() (*server, error) {
	s := &server{forms: newCache(), log: log.New(os.Stderr, "", 0)}
	var err error
	if s.keys, err = readKeys(os.Getenv("ANAMNESIS_KEYRING_FILE")); err != nil {
		return nil, err
	}
	if s.sql, err = readStatements(os.Getenv("PEER_QUERIES")); err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(os.Getenv("ANAMNESIS_DATABASE_URL"))
	if err != nil {
		return nil, err
	}
	connections, err := strconv.ParseInt(os.Getenv("PEER_CONNECTIONS"), 10, 32)
	if err != nil {
		return nil, err
	}
	config.MaxConns = int32(connections)
	s.pool, err = pgxpool.NewWithConfig(context.Background(), config)
	return s, err
}

func run() error {
	s, err := newServer()
	if err != nil {
		return err
	}
	listener, err := net.Listen("unix", os.Getenv("PEER_SOCKET"))
	if err != nil {
		return err
	}
	web := &http.Server{Handler: s, ReadHeaderTimeout: headerTimeout}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() { <-stop; _ = web.Shutdown(context.Background()) }()
	if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
