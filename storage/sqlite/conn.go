package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"modernc.org/sqlite"
)

// conn is one connection with its prepared statements, for one goroutine at a time.
// It talks to the driver without database/sql, whose pool and conversions cost as
// much as the statements of a tap themselves.
type conn struct {
	raw        driver.Conn
	statements []*stmt
}

// dial opens a connection; see dsn.
func dial(ctx context.Context, dsn string) (*conn, error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	raw, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{raw: raw}, nil
}

// close ends the statements first: a connection that still has one is never let go.
func (c *conn) close() error {
	var errs []error
	for _, s := range c.statements {
		errs = append(errs, s.raw.Close())
	}
	return errors.Join(append(errs, c.raw.Close())...)
}

// statement is what the driver's statements can do.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// stmt is a prepared statement. Its arguments are int64, string, []byte or nil.
type stmt struct {
	raw  statement
	args []driver.NamedValue
	row  []driver.Value
}

// prepare makes each statement of the list, or none.
func (c *conn) prepare(list map[**stmt]string) error {
	for at, text := range list {
		raw, err := c.raw.Prepare(text)
		if err != nil {
			return fmt.Errorf("%w in %q", err, text)
		}
		*at = &stmt{raw: raw.(statement)}
		c.statements = append(c.statements, *at)
	}
	return nil
}

// once runs a statement that is not worth keeping.
func (c *conn) once(text string) (row []driver.Value, err error) {
	raw, err := c.raw.Prepare(text)
	if err != nil {
		return nil, err
	}
	s := stmt{raw: raw.(statement)}
	row, err = s.one()
	return row, errors.Join(err, raw.Close())
}

func (s *stmt) bind(args []any) []driver.NamedValue {
	s.args = s.args[:0]
	for i, a := range args {
		s.args = append(s.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return s.args
}

// exec runs the statement and returns how many rows it changed. No context reaches
// the driver: a step of microseconds is not worth a goroutine that watches it.
func (s *stmt) exec(args ...any) (int64, error) {
	r, err := s.raw.ExecContext(context.Background(), s.bind(args))
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// one is the first row, or nil when there is none. It is good until the next call.
func (s *stmt) one(args ...any) (row []driver.Value, err error) {
	rows, err := s.raw.QueryContext(context.Background(), s.bind(args))
	if err != nil {
		return nil, err
	}
	row, err = s.next(rows)
	return row, errors.Join(err, rows.Close())
}

// each calls take for every row.
func (s *stmt) each(take func(row []driver.Value) error, args ...any) error {
	rows, err := s.raw.QueryContext(context.Background(), s.bind(args))
	if err != nil {
		return err
	}
	for {
		row, err := s.next(rows)
		if err == nil && row != nil {
			err = take(row)
		}
		if err != nil || row == nil {
			return errors.Join(err, rows.Close())
		}
	}
}

func (s *stmt) next(rows driver.Rows) ([]driver.Value, error) {
	if s.row == nil {
		s.row = make([]driver.Value, len(rows.Columns()))
	}
	switch err := rows.Next(s.row); err {
	case nil:
		return s.row, nil
	case io.EOF:
		return nil, nil
	default:
		return nil, err
	}
}

// number is a column that is an integer or NULL, which is 0.
func number(v driver.Value) int64 {
	n, _ := v.(int64)
	return n
}

// text is a TEXT column.
func text(v driver.Value) string {
	s, _ := v.(string)
	return s
}

// blob is a BLOB column; empty and NULL are nil.
func blob(v driver.Value) []byte {
	b, _ := v.([]byte)
	return b
}
