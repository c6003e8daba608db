package check_test

import (
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

func called(op string, more ...any) *alert.Alert { return with(alert.SlotOperation, op, more...) }

func TestClouds(t *testing.T) {
	t.Parallel()
	user, caller := alert.EntitySlot(alert.Actor, alert.User), alert.EntitySlot(alert.Actor, alert.Cloud)
	const machine = "arn:aws:sts::123456789012:assumed-role/web/i-0a1b2c3d4e5f60718"
	rows := map[string]weighed{
		"a trail stopped":                          {1900, called("StopLogging")},
		"a detector switched off":                  {1900, called("UpdateDetector", alert.SlotDetails, `{"detectorId":"1","enable":false}`)},
		"a key":                                    {900, called("CreateAccessKey")},
		"rights over everything":                   {1900, called("AttachUserPolicy", alert.SlotDetails, `{"policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}`)},
		"a bucket for everybody":                   {2000, called("PutBucketPolicy", alert.SlotDetails, `{"Statement":[{"Principal":"*"}],"principal":"*"}`)},
		"a snapshot for everybody":                 {2100, called("ModifySnapshotAttribute", alert.SlotDetails, `{"createVolumePermission":{"add":{"items":[{"group":"all"}]}}}`)},
		"a port for everybody":                     {1200, called("AuthorizeSecurityGroupIngress", alert.SlotDetails, `{"cidrIp":"0.0.0.0/0","fromPort":22}`)},
		"a machine's password":                     {1200, called("GetPasswordData")},
		"the same, refused":                        {600, called("GetPasswordData", alert.SlotResult, "AccessDenied")},
		"a command on a machine":                   {1600, called("SendCommand", alert.SlotDetails, `{"documentName":"AWS-RunShellScript"}`)},
		"a second factor removed":                  {1200, called("user.mfa.factor.deactivate")},
		"mail forwarded":                           {1900, called("New-InboxRule", alert.SlotDetails, "ForwardTo: x@example.com")},
		"mailbox forwarded":                        {1900, called("Set-Mailbox", alert.SlotDetails, "ForwardingSmtpAddress: smtp:x@example.com")},
		"impersonation":                            {1500, called("user.session.impersonation.initiate")},
		"a role in the directory":                  {1800, called("Add member to role.")},
		"a consent":                                {1300, called("Consent to application")},
		"diagnostics removed":                      {1900, called("MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/DELETE")},
		"a shell in a pod":                         {1500, called("io.k8s.core.v1.pods.exec.create")},
		"a cluster's admin":                        {1500, called("io.k8s.authorization.rbac.v1.clusterrolebindings.create")},
		"everybody in a policy":                    {1900, called("SetIamPolicy", alert.SlotDetails, `{"members":["allUsers"]}`)},
		"a hacker's system":                        {1300, called("ListBuckets", alert.SlotUserAgent, "aws-cli/2.1 Python/3.11 Linux/6.1-kali5-amd64")},
		"a machine's session on a Mac":             {3000, called("ListBuckets", caller, machine, alert.SlotUserAgent, "[aws-cli/1.18.136 Python/3.8.5 Darwin/19.5.0 botocore/1.17.59]")},
		"a machine's session in a browser":         {3000, called("ListBuckets", caller, machine, alert.SlotUserAgent, "Mozilla/5.0 (Windows NT 10.0; Win64; x64)")},
		"a machine's session on a server":          {0, called("ListBuckets", caller, machine, alert.SlotUserAgent, "Boto3/1.34 md/Botocore#1.34 ua/2.0 os/linux#6.1 lang/python#3.11")},
		"a person's session on a Mac":              {0, called("ListBuckets", caller, "arn:aws:sts::123456789012:assumed-role/web/alice", alert.SlotUserAgent, "aws-cli/2.1 Darwin/19.5.0")},
		"a session that is named nearly like that": {0, called("ListBuckets", caller, "arn:aws:sts::123456789012:assumed-role/web/i-love-clouds", alert.SlotUserAgent, "aws-cli/2.1 Darwin/19.5.0")},
		"the owner":                                {800, called("ListUsers", user, "root", alert.SlotService, "iam.amazonaws.com")},
		"no second factor":                         {500, called("ConsoleLogin", alert.SlotMessage, `{"MFAUsed":"No"}`)},
		"a new vouching party":                     {1700, called("Set federation settings on domain")},
		"a user says it was not him":               {1800, called("user.account.report_suspicious_activity_by_enduser")},
		"no operation":                             {0, with(alert.SlotMessage, "StopLogging")},
		"root on a machine":                        {0, called("session opened", user, "root", alert.SlotService, "sshd")},
		"sign-in with second factor":               {0, called("ConsoleLogin", alert.SlotMessage, `{"MFAUsed":"Yes"}`)},
		"the caller is an agent":                   {0, called("ListBuckets", alert.SlotUserAgent, "Boto3/1.34 Botocore/1.34")},
		"an ordinary directory entry":              {0, called("Update user")},
	}
	for _, op := range []string{
		"DescribeInstances", "ListBuckets", "GetObject", "PutObject", "AssumeRole", "DescribeTrails", "GetBucketAcl", "ListUsers", "RunInstances", "CreateTags", "Decrypt",
		"GenerateDataKey", "PutMetricData", "CreateLogStream", "user.session.start", "user.authentication.sso", "UserLoggedIn", "FileAccessed", "MailItemsAccessed",
		"Add user", "Change user password", "io.k8s.core.v1.pods.list", "io.k8s.core.v1.configmaps.get", "storage.objects.get", "Microsoft.Compute/virtualMachines/read",
		"MICROSOFT.RESOURCES/DEPLOYMENTS/WRITE", "SharingSet", "FileModified", "policy.evaluate_sign_on", "google.login.LoginService.loginSuccess",
	} {
		rows[op] = weighed{0, called(op)}
	}
	weighs(t, check.Clouds(), rows)
	atMost(t, check.Clouds(), map[string]weighed{
		"one secret, as programs read them": {150, called("GetSecretValue")},
		"one machine ended":                 {150, called("TerminateInstances")},
		"who am I":                          {250, called("GetCallerIdentity")},
		"a port for one address":            {300, called("AuthorizeSecurityGroupIngress", alert.SlotDetails, `{"cidrIp":"198.51.100.7/32"}`)},
		"a mailbox's quota":                 {100, called("Set-Mailbox", alert.SlotDetails, "ProhibitSendQuota: 50GB")},
	})
}

func BenchmarkClouds(b *testing.B) {
	a, c := called("DescribeInstances", alert.SlotService, "ec2.amazonaws.com", alert.SlotUserAgent, "Boto3/1.34 Botocore/1.34"), check.Clouds()
	b.ReportAllocs()
	for b.Loop() {
		c.Check(a, func(triage.Signal) {})
	}
}
