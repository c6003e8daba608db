package estate

import "strings"

// traits are what an entry's role, environment and tags mean to the check.
type traits uint16

const (
	domainController traits = 1 << iota
	scanner                 // an approved one: it looks for weaknesses all day
	backup
	crownJewel
	clinical // people's health depends on it
	exposed  // the internet reaches it
	testing  // a test or lab environment
	tierZero // who owns it owns what depends on it
)

// traitsOf knows the words that inventories use, as tidy spells them.
func traitsOf(word string) traits {
	switch word {
	case "domain-controller", "dc", "ad-dc", "active-directory", "active-directory-domain-controller", "rodc", "primary-domain-controller":
		return domainController | tierZero
	case "scanner", "approved-scanner", "vulnerability-scanner", "vuln-scanner", "security-scanner", "network-scanner":
		return scanner
	case "backup", "backup-server", "backups":
		return backup | tierZero
	case "crown-jewel", "crown-jewels", "crownjewel":
		return crownJewel
	case "clinical", "medical", "medical-device", "patient-care":
		return clinical
	case "internet-facing", "exposed", "dmz", "public-facing", "external":
		return exposed
	case "test", "testing", "lab", "sandbox", "dev", "development", "qa":
		return testing
	case "certificate-authority", "ca", "pki", "hypervisor", "identity-provider", "adfs", "entra-connect", "aad-connect", "vcenter", "tier-0", "tier0", "tier-zero", "password-vault", "key-management":
		return tierZero
	}
	return 0
}

func (a *Asset) classify() {
	a.traits = traitsOf(a.Role) | traitsOf(a.Environment)&testing
	for _, t := range a.Tags {
		a.traits |= traitsOf(t)
	}
}

func (u *Account) classify() {
	u.traits = 0
	for _, t := range u.Tags {
		switch t {
		case "break-glass", "breakglass", "emergency-access":
			u.BreakGlass = true
		case "privileged", "admin", "administrator", "tier-0", "tier0":
			u.Privileged = true
		case "service", "service-account":
			u.Service = true
		case "vip", "executive":
			u.VIP = true
		}
		u.traits |= traitsOf(t)
	}
	u.Privileged = u.Privileged || u.BreakGlass
}

// tidy spells a role, environment or tag in one way: small letters, hyphens between words.
func tidy(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == ' ' || r == '_' || r == '-' || r == '\t' }), "-")
}
