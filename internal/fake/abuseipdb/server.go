// Package abuseipdb answers as AbuseIPDB's API version 2 is documented to, for tests and for trying: the check endpoint with its
// key, its daily quota and its errors, and on request everything that goes wrong between a client and a service.
//
// It knows only the reports it is given, keeps what it was asked, and has no other endpoint. Server is an http.Handler; start with
// it, Report and Fault.
//
// Source: https://docs.abuseipdb.com (check endpoint, error handling, API daily rate limits).
package abuseipdb

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// Server is the service. Set its fields before it answers; it is safe for concurrent use then.
type Server struct {
	Key     string            // the only one that is accepted
	Quota   int               // checks a day
	Now     func() time.Time  // the day's clock, and the Date of the answers
	Reports map[string]Report // by address; others were never reported
	Fault   func(n int) Fault // what goes wrong with the n-th request, from 1; nil is nothing

	mu       sync.Mutex
	requests []Request
	used     int
}

// Report is what the service knows about an address.
type Report struct {
	Score       int
	Reports     int
	Users       int
	Whitelisted bool
	Usage       string
	Last        time.Time
}

// Request is one as it arrived.
type Request struct {
	Method, Path string
	Query        url.Values
	Header       http.Header
	Body         string
}

// Requests returns what arrived so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	s.mu.Lock()
	s.requests = append(s.requests, Request{r.Method, r.URL.Path, r.URL.Query(), r.Header.Clone(), string(body)})
	n := len(s.requests)
	s.mu.Unlock()
	w.Header().Set("Date", s.Now().UTC().Format(http.TimeFormat))
	if s.Fault != nil && s.Fault(n).strike(w, r) {
		return
	}
	switch {
	case r.URL.Path != "/api/v2/check":
		refuse(w, r, http.StatusNotFound, "The requested URL was not found.", "")
	case r.Method != http.MethodGet:
		refuse(w, r, http.StatusMethodNotAllowed, "The method is not supported for this endpoint.", "")
	case r.Header.Get("Key") != s.Key:
		refuse(w, r, http.StatusUnauthorized, "Authentication failed. The API key is missing, incorrect, or revoked.", "")
	case !s.spend(w):
		w.Header().Set("Retry-After", strconv.Itoa(int(s.midnight().Sub(s.Now()).Seconds())))
		refuse(w, r, http.StatusTooManyRequests, fmt.Sprintf("The daily rate limit of %d requests is exceeded for this endpoint.", s.Quota), "")
	default:
		s.check(w, r)
	}
}

// spend takes one check off the day's quota and says in the headers what is left.
func (s *Server) spend(w http.ResponseWriter) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ok := s.used < s.Quota
	if ok {
		s.used++
	}
	w.Header().Set("X-RateLimit-Limit", strconv.Itoa(s.Quota))
	w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(s.Quota-s.used))
	if !ok || s.used == s.Quota {
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(s.midnight().Unix(), 10))
	}
	return ok
}

func (s *Server) midnight() time.Time {
	return s.Now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
}

func (s *Server) check(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	ip, err := netip.ParseAddr(q.Get("ipAddress"))
	if err != nil {
		refuse(w, r, http.StatusUnprocessableEntity, "The ip address must be a valid IPv4 or IPv6 address.", "ipAddress")
		return
	}
	if days := q.Get("maxAgeInDays"); days != "" {
		if n, err := strconv.Atoi(days); err != nil || n < 1 || n > 365 {
			refuse(w, r, http.StatusUnprocessableEntity, "The max age in days must be between 1 and 365.", "maxAgeInDays")
			return
		}
	}
	rep, version := s.Reports[ip.String()], 4
	if ip.Is6() {
		version = 6
	}
	data := map[string]any{
		"ipAddress": ip.String(), "isPublic": ip.IsGlobalUnicast() && !ip.IsPrivate(), "ipVersion": version, "isWhitelisted": nil,
		"abuseConfidenceScore": rep.Score, "countryCode": "ZZ", "usageType": nil, "isp": "Example Networks", "domain": "example.net",
		"hostnames": []string{}, "isTor": false, "totalReports": rep.Reports, "numDistinctUsers": rep.Users, "lastReportedAt": nil,
	}
	if rep != (Report{}) {
		data["isWhitelisted"], data["usageType"] = rep.Whitelisted, rep.Usage
		data["lastReportedAt"] = rep.Last.UTC().Format("2006-01-02T15:04:05-07:00")
	}
	answer(w, http.StatusOK, map[string]any{"data": data})
}

// refuse answers an error: as JSON to those who accept it, as a page to all others.
func refuse(w http.ResponseWriter, r *http.Request, status int, detail, parameter string) {
	if r.Header.Get("Accept") != "application/json" {
		page(w, status, detail)
		return
	}
	e := map[string]any{"detail": detail, "status": status}
	if parameter != "" {
		e["source"] = map[string]string{"parameter": parameter}
	}
	answer(w, status, map[string]any{"errors": []any{e}})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who hung up needs no answer
}

func page(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<!DOCTYPE html><title>%d</title><p>%s", status, text)
}
