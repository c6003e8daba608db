package check

import (
	"strings"
	"sync"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// Control-plane calls: what was asked of a cloud, a directory, a mail service or a cluster. Reading calls by services make
// up nearly all of the log and are left alone; the rows name calls that change who may do what, what is seen by whom,
// and what is recorded.
//
// Source: ATT&CK cloud matrix (T1562.008, T1098, T1136.003, T1537, T1530, T1528, T1552.005, T1078.004, T1485), the AWS service
// authorization reference, Microsoft Entra and Microsoft 365 audit activity references, Okta System Log event types,
// Kubernetes audit policy documentation, Google Cloud audit log method names.

type clouds struct {
	calls func() map[string]cloudCall
	rules *ruleset
	odd   *ruleset
	desks *ruleset
}

// cloudCall is what a call weighs, and what it weighs when one of the words stands in its parameters.
type cloudCall struct {
	weight, with triage.Weight
	says         string
	words        []string
}

// Clouds reads operations and their parameters.
func Clouds() triage.Check {
	return clouds{sync.OnceValue(cloudCalls), newRuleset(cloudRules), newRuleset(oddCallers), newRuleset(desks)}
}

func oddCallers() []rule {
	return []rule{
		{1300, "the caller's system is made for breaking in", "kali|parrot|pentoo|blackarch", `\b(?:kali|parrot|pentoo|blackarch)\d*\b`},
		{2200, "the caller is a tool for attacking clouds", "<pacu|cloudfox|stratus-red-team|roadtools|aadinternals|azurehound|microburst|trufflehog|cloudgoat|enumerate-iam|peirates|kube-hunter|graphrunner", ""},
		{400, "the caller is a tool that surveys clouds, perhaps by order", "scoutsuite|prowler|cloudsploit|steampipe|cartography", ""},
	}
}

func cloudCalls() map[string]cloudCall {
	calls := map[string]cloudCall{}
	for _, row := range cloudTable() {
		for name := range strings.FieldsSeq(row.calls) {
			calls[strings.ToLower(name)] = cloudCall{row.weight, max(row.weight, row.with), row.says, strings.FieldsFunc(row.words, func(r rune) bool { return r == '|' })}
		}
	}
	return calls
}

func (clouds) Name() string { return "cloud" }

func (c clouds) Check(a *alert.Alert, note func(triage.Signal)) {
	op := a.First(alert.SlotOperation)
	if op == nil {
		return
	}
	c.call(a, op, note)
	if f := a.First(alert.SlotUserAgent); f != nil {
		c.odd.match(f.Value, func(m found) {
			note(triage.Note("cloud", triage.CloudControl, m.weight, m.says, f.Value[m.from:m.to], f, op))
		})
	}
	c.elsewhere(a, op, note)
	if op.Value == "ConsoleLogin" || strings.HasSuffix(a.Text(alert.SlotService), ".amazonaws.com") {
		c.root(a, op, note)
	}
}

func (c clouds) call(a *alert.Alert, op *alert.Field, note func(triage.Signal)) {
	call, ok := c.calls()[strings.ToLower(op.Value)]
	if !ok {
		best := found{rule: &rule{}}
		c.rules.match(op.Value, func(m found) {
			if m.weight > best.weight {
				best = m
			}
		})
		if best.weight > 0 {
			note(triage.Note("cloud", triage.CloudControl, best.weight, best.says, op.Value[best.from:best.to], op))
		}
		return
	}
	weight := call.weight
	fields := [2]*alert.Field{op}
	if f := parameter(a, call.words); f != nil {
		weight, fields[1] = call.with, f
	}
	if weight == 0 {
		return
	}
	says := call.says
	if r := a.First(alert.SlotResult); r != nil && isRefusal(r.Value) && weight > 400 {
		weight, says = weight/2, says+" (refused)"
	}
	note(triage.Note("cloud", triage.CloudControl, weight, says, "", fields[:]...))
}

// parameter returns the field in which one of the words stands.
func parameter(a *alert.Alert, words []string) *alert.Field {
	if len(words) == 0 {
		return nil
	}
	for i := range a.Fields {
		f := &a.Fields[i]
		if _, typ := f.Slot.Entity(); f.Slot != alert.SlotDetails && f.Slot != alert.SlotMessage && f.Slot != alert.SlotResult && typ != alert.Cloud && typ != alert.IP && typ != alert.User {
			continue
		}
		low := strings.ToLower(f.Value[:min(len(f.Value), 16<<10)])
		for _, w := range words {
			if strings.Contains(low, w) {
				return f
			}
		}
	}
	return nil
}

// elsewhere reads calls with the credentials that a virtual machine gets for itself: the session bears the machine's name. They are of use on
// that machine alone, which is a server.
func (c clouds) elsewhere(a *alert.Alert, op *alert.Field, note func(triage.Signal)) {
	agent := a.First(alert.SlotUserAgent)
	if agent == nil {
		return
	}
	for i := range a.Fields {
		f := &a.Fields[i]
		if f.Slot != alert.EntitySlot(alert.Actor, alert.Cloud) || !ofMachine(f.Value) {
			continue
		}
		c.desks.match(agent.Value, func(m found) {
			note(triage.Note("cloud", triage.CloudControl, m.weight, m.says, agent.Value[m.from:m.to], agent, f, op))
		})
		return
	}
}

// ofMachine tells the role session of a virtual machine, arn:aws:sts::ACCOUNT:assumed-role/ROLE/i-0123456789abcdef0.
func ofMachine(arn string) bool {
	_, session, ok := strings.Cut(arn, ":assumed-role/")
	id := session[strings.LastIndexByte(session, '/')+1:]
	hex := strings.TrimPrefix(id, "i-")
	return ok && len(hex) < len(id) && (len(hex) == 8 || len(hex) == 17) && strings.Trim(hex, "0123456789abcdef") == ""
}

func desks() []rule {
	const says = "credentials that a virtual machine gets for itself are used on somebody's own computer"
	return []rule{
		{3000, says, "darwin/|macos|mac os x|md/macos", ""},
		{3000, says, "<mozilla/5.0", ""},
	}
}

// root reads sign-ins and calls of the account that owns everything, which nobody uses in daily work.
func (clouds) root(a *alert.Alert, op *alert.Field, note func(triage.Signal)) {
	user := a.First(alert.EntitySlot(alert.Actor, alert.User))
	if user != nil && (strings.EqualFold(user.Value, "root") || strings.HasSuffix(user.Value, ":root")) {
		note(triage.Note("cloud", triage.CloudControl, 800, "the owner of the whole account acted, whom nobody uses in daily work", "", user, op))
	}
	if op.Value != "ConsoleLogin" {
		return
	}
	if f := parameter(a, []string{`"mfaused":"no"`, `"mfaused": "no"`, "mfaused: no", "mfaused=no"}); f != nil {
		note(triage.Note("cloud", triage.CloudControl, 500, "a sign-in to the console without a second factor", "", f, op))
	}
}

type cloudRow struct {
	weight, with triage.Weight
	says         string
	calls        string
	words        string
}

func cloudTable() []cloudRow {
	return []cloudRow{
		{1900, 0, "a call that stops or removes a log", "StopLogging DeleteTrail DeleteFlowLogs DeleteDetector StopConfigurationRecorder DeleteConfigurationRecorder DeleteDeliveryChannel DisableSecurityHub DisassociateFromMasterAccount DeleteEventBus DeleteLogGroup DeleteLogStream DisableRule DeleteAlarms DeleteMembers DeleteInsight StopMonitoringMembers DisassociateMembers DeletePublishingDestination LeaveOrganization DeleteResourcePolicyStore google.logging.v2.ConfigServiceV2.DeleteSink google.logging.v2.LoggingServiceV2.DeleteLog", ""},
		{1000, 1900, "a call that weakens a log", "PutEventSelectors UpdateTrail UpdateDetector CreateFilter UpdateFilter CreateIPSet google.logging.v2.ConfigServiceV2.UpdateSink Set-AdminAuditLogConfig Set-MailboxAuditBypassAssociation PutBucketLogging PutBucketLifecycle", `"enable":false|"enable": false|includemanagementevents":false|includemanagementevents": false|"ismultiregiontrail":false|archive|unifiedauditlogingestionenabled|false|"expiration`},
		{900, 1200, "a call that makes a lasting key", "CreateAccessKey google.iam.admin.v1.CreateServiceAccountKey UploadSSHPublicKey ImportKeyPair CreateServiceSpecificCredential UploadSigningCertificate", "root"},
		{1000, 1300, "a call that gives a user a password for the console", "CreateLoginProfile UpdateLoginProfile", "root|admin"},
		{800, 1900, "a call that gives rights", "AttachUserPolicy AttachRolePolicy AttachGroupPolicy PutUserPolicy PutRolePolicy PutGroupPolicy CreatePolicyVersion SetDefaultPolicyVersion AddUserToGroup AddRoleToInstanceProfile SetIamPolicy google.iam.admin.v1.SetIAMPolicy", `administratoraccess|iamfullaccess|poweruseraccess|"action":"*"|"action": "*"|"action":"*:*"|roles/owner|roles/editor|allusers|allauthenticatedusers|admin`},
		{1100, 1500, "a call that lets another account take on a role", "UpdateAssumeRolePolicy CreateOpenIDConnectProvider CreateSAMLProvider UpdateSAMLProvider CreateTrustAnchor", `"*"`},
		{400, 900, "a call that makes a user", "CreateUser google.iam.admin.v1.CreateServiceAccount", "admin|backdoor|root"},
		{500, 2000, "a call that decides who may read a store", "PutBucketPolicy PutBucketAcl PutObjectAcl storage.setIamPermissions DeleteBucketPublicAccessBlock DeletePublicAccessBlock DeleteAccountPublicAccessBlock PutPublicAccessBlock PutBucketPublicAccessBlock SetRepositoryPolicy AddPermission20150331v2", `allusers|authenticatedusers|"principal":"*"|"principal": "*"|"principal":{"aws":"*"|public-read|allauthenticatedusers|"restrictpublicbuckets":false|"blockpublicacls":false`},
		{700, 2100, "a call that hands a copy of a disk or database to another account", "ModifySnapshotAttribute ModifyImageAttribute ModifyDBSnapshotAttribute ModifyDBClusterSnapshotAttribute SharedSnapshotCopyInitiated SharedSnapshotVolumeCreated", `"group":"all"|"group": "all"|"all"|createvolumepermission|launchpermission`},
		{300, 1200, "a call that opens a port", "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress AuthorizeDBSecurityGroupIngress CreateNetworkAclEntry v1.compute.firewalls.insert v1.compute.firewalls.patch", "0.0.0.0/0|::/0"},
		{150, 0, "a call that reads a secret", "GetSecretValue GetParameters GetParameter BatchGetSecretValue google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion SecretGet", ""},
		{1200, 0, "a call that reads the password of a machine's administrator", "GetPasswordData", ""},
		{500, 0, "a call that makes a session out of a long-lived key", "GetSessionToken GetFederationToken", ""},
		{250, 0, "a call that asks who the caller is", "GetCallerIdentity", ""},
		{800, 0, "a call that looks over accounts and rights", "GetAccountAuthorizationDetails GenerateCredentialReport GetCredentialReport SimulatePrincipalPolicy ListServiceQuotas GetSendQuota", ""},
		{900, 1400, "a call that destroys", "DeleteBucket DeleteDBInstance DeleteDBCluster ScheduleKeyDeletion DisableKey DeleteSnapshot DeleteDBSnapshot DeleteRecoveryPoint DeleteBackupVault DeleteVault DeleteFileSystem DeleteTable PutBucketVersioning DeleteStack google.cloud.kms.v1.KeyManagementService.DestroyCryptoKeyVersion", `"skipfinalsnapshot":true|"skipfinalsnapshot": true|suspended|"pendingwindowindays":7`},
		{150, 0, "a call that ends machines", "TerminateInstances v1.compute.instances.delete StopInstances", ""},
		{900, 1600, "a call that runs a command on a machine", "SendCommand StartSession ModifyInstanceAttribute SendSSHPublicKey SendSerialConsoleSSHPublicKey ResumeSession v1.compute.instances.setMetadata v1.compute.projects.setCommonInstanceMetadata", "userdata|runshellscript|runpowershellscript|startup-script|ssh-keys"},
		{400, 900, "a call that changes what code runs", "UpdateFunctionCode20150331v2 UpdateFunctionConfiguration20150331v2 CreateFunction20150331 CreateEventSourceMapping20150331 RegisterTaskDefinition AddLayerVersionPermission20181031", "layers|administratoraccess"},
		{1200, 0, "a call that removes a second factor", "DeactivateMFADevice DeleteVirtualMFADevice user.mfa.factor.deactivate user.mfa.factor.reset_all user.mfa.factor.suspend", ""},
		{800, 1900, "a rule for a mailbox", "New-InboxRule Set-InboxRule UpdateInboxRules New-TransportRule Set-TransportRule", "forwardto|forwardasattachmentto|redirectto|deletemessage|movetofolder|blindcopyto|rss|markasread"},
		{100, 1900, "a mailbox that forwards its mail", "Set-Mailbox", "forwardingsmtpaddress|forwardingaddress|delivertomailboxandforward"},
		{800, 0, "rights on another's mailbox", "Add-MailboxPermission Add-RecipientPermission Add-MailboxFolderPermission New-ManagementRoleAssignment", ""},
		{900, 0, "a search through everybody's mail and files", "New-ComplianceSearch New-ComplianceSearchAction New-ComplianceCase SearchCreated SearchExported New-MailboxExportRequest SearchExportDownloaded", ""},
		{500, 0, "a link that anybody can open", "AnonymousLinkCreated SharingLinkCreated.Anonymous", ""},
		{1700, 0, "a new party that may vouch for users", "Set-FederatedDomain Set-DomainAuthentication New-FederationTrust system.idp.lifecycle.create zone.create_idp Set-DomainFederationSettings", ""},
		{1500, 0, "one administrator acts as another user", "user.session.impersonation.initiate user.session.impersonation.grant system.agent.ad.impersonate", ""},
		{1800, 0, "a user says that it was not him", "user.account.report_suspicious_activity_by_enduser user.mfa.okta_verify.deny_push", ""},
		{1200, 0, "a change to who must prove what at sign-in", "policy.lifecycle.deactivate policy.lifecycle.delete policy.rule.deactivate policy.rule.delete application.policy.sign_on.update system.api_token.create zone.deactivate user.account.privilege.grant group.privilege.grant security.threat.detected", ""},
	}
}

func cloudRules() []rule {
	return []rule{
		{1900, "a call that stops or removes a log", "diagnosticsettings/delete|diagnosticsettings/write|activitylogalerts/delete|securitycontacts/delete|disable-auditing|flowlogs/delete|auditconfig|lock/delete|locks/delete", `diagnosticsettings/delete|activitylogalerts/delete|flowlogs/delete|locks?/delete|securitycontacts/delete`},
		{1800, "a role over everything given away", "add member to role|add eligible member|roleassignments/write|elevateaccess", `add (?:eligible )?member to role|elevateaccess|roleassignments/write`},
		{1500, "a secret or certificate added to an application", "add service principal credentials|certificates and secrets management|update application - cert|add owner to service principal|add owner to application|add service principal credential", ""},
		{1300, "an application that was given rights over data", "consent to application|oauth2permissiongrant|add delegated permission|add app role assignment", ""},
		{1700, "a new party that may vouch for users", "set federation settings|set domain authentication|add unverified domain|add verified domain|add partner to company", ""},
		{1200, "a rule of access was taken away", "delete conditional access|update conditional access|disable strong auth|delete policy|disable security defaults|admin deleted security info|user deleted security info", `(?:delete|update) conditional access|disable strong auth|disable security defaults|deleted security info`},
		{1300, "a command run on a machine through its cloud", "runcommand/action|extensions/write|runbooks/|serialconsole", `virtualmachines/runcommand|virtualmachines/extensions/write|runbooks/(?:write|draft)|serialconsole\S*/connect`},
		{900, "a call that reads keys of a store", "listkeys/action|listaccountsas|regeneratekey|vaults/accesspolicies/write|getaccesskeys|beginsasaccess|begingetaccess", ""},
		{1000, "a call that destroys", "vaults/delete|snapshots/delete|storageaccounts/delete|servers/delete|resourcegroups/delete|recoverypoints/delete|backuppolicies/delete|protecteditems/delete|storage.buckets.delete|cloudsql.instances.delete", ""},
		{1500, "a shell inside a pod", "pods/exec|pods.exec|pods/attach|io.k8s.core.v1.pods.exec", ""},
		{1500, "a cluster-wide role bound", "clusterrolebindings.create|clusterrolebindings/create|clusterrolebindings.patch|create clusterrolebinding", ""},
		{600, "a cluster's secrets read", "secrets.list|secrets/list|list secrets", `\bsecrets[./]list|list secrets`},
		{900, "a key of a service account made", "createserviceaccountkey|serviceaccountkeys.create", ""},
	}
}
