package entra

import (
	"context"
	"errors"
	"regexp"
	"time"

	"github.com/seed-959697dd/soc/internal/web"
)

// Examine finds out whether the login can be reached and lets the application in. Of the way there it tells what is wrong only: the service has
// findings of the same names. ok is false where nothing that follows can work.
func (l *Login) Examine(ctx context.Context, scope string) (found []web.Finding, token web.Secret, ok bool) {
	way, ok := l.http.Reach(ctx, web.Request{Path: []string{l.set.Tenant, "v2.0", ".well-known", "openid-configuration"}}, l.set.Now)
	for _, f := range way {
		if !f.OK || !ok {
			found = append(found, f)
		}
	}
	if !ok {
		return found, token, false
	}
	token, err := l.Token(ctx, scope)
	f := web.Finding{Name: "auth", OK: err == nil, Detail: "application " + l.set.ClientID + " is let in by tenant " + l.set.Tenant}
	if err != nil {
		f.Detail, f.Hint = err.Error(), hint(err)
	}
	return append(found, f), token, f.OK
}

var code = regexp.MustCompile(`AADSTS\d+`)

// hint says how to mend what the login refused.
//
// Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
func hint(err error) string {
	const where = "portal.azure.com, Microsoft Entra ID, App registrations, the application, "
	var fault *web.Error
	if !errors.As(err, &fault) {
		return ""
	}
	switch code.FindString(fault.Detail) {
	case "AADSTS7000215":
		return "the secret is wrong: give the value of a client secret, not its id (" + where + "Certificates & secrets)"
	case "AADSTS7000222":
		return "the secret is expired: make a new one (" + where + "Certificates & secrets) and put its value where client_secret_env or client_secret_file points"
	case "AADSTS700016":
		return "no such application in that tenant: check client_id and tenant (" + where + "Overview)"
	case "AADSTS90002", "AADSTS900023":
		return "no such tenant: check tenant (portal.azure.com, Microsoft Entra ID, Overview) and cloud"
	case "AADSTS500011":
		return "the tenant does not know the service: check cloud"
	case "AADSTS53003":
		return "a Conditional Access policy blocks the application: look it up in the sign-in logs of service principals"
	}
	return "look the login up in the tenant: az rest --method get --url 'https://graph.microsoft.com/v1.0/auditLogs/signIns?$top=5', or Sign-in logs, Service principal sign-ins"
}

// Reach finds out whether the service answers, see web.Client.Reach.
func (c *Client) Reach(ctx context.Context, r web.Request, now func() time.Time) ([]web.Finding, bool) {
	return c.http.Reach(ctx, r, now)
}
