package sigma

import (
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// Names are compared folded: in lower case, without underscores, dashes and blanks. So commandLine, command_line and CommandLine are
// one name, cs-uri-query and cs_uri_query too. A dot separates the keys of nested objects.

// fnvBasis and fnvPrime are those of FNV-1a, 64 bits. The hash of a folded name is made key by key while a record is walked.
const (
	fnvBasis uint64 = 14695981039346656037
	fnvPrime uint64 = 1099511628211
)

// extend hashes one more key of a name.
func extend(h uint64, key string) uint64 {
	if h != fnvBasis {
		h = (h ^ '.') * fnvPrime
	}
	for i := range len(key) {
		c := key[i]
		switch {
		case c == '_' || c == '-' || c == ' ' || c == '@':
			continue
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		h = (h ^ uint64(c)) * fnvPrime
	}
	return h
}

// nameHash is the hash of a whole name, dots included.
func nameHash(name string) uint64 {
	h := fnvBasis
	for key := range strings.SplitSeq(name, ".") {
		h = extend(h, key)
	}
	return h
}

// foldName is the folded spelling of a name, by which fields are told apart.
func foldName(name string) string { return unspaced.Replace(strings.ToLower(name)) }

var unspaced = strings.NewReplacer("_", "", "-", "", " ", "", "@", "")

// homes are the objects below which products keep a record's own fields: a field is known by its name below any of them, and the
// innermost home that has it counts. Names are relative to the record or to another home.
const homes = `
	event event.system event.eventdata event.userdata system eventdata userdata
	winlog winlog.eventdata winlog.userdata
	result fields data data.win data.win.system data.win.eventdata data.aws data.office365 data.github data.gcp data.okta data.audit
	detail requestbody protopayload properties kv audit access syslog
	aws.cloudtrail azure.activitylogs azure.auditlogs azure.signinlogs gcp.audit o365.audit github okta json record records value items raw
	message event.original log auditd.data zeek
`

// envelope is a home by its exact name: folded, it would be that of an object called source.
const envelope = "_source"

// open is the home whose children, named for the event's provider, are homes too.
const open = "userdata"

// transparent keys name a value's text or its attributes, not another value.
const transparent = " #text #attributes @attributes $ "

// aliases are further names of a field, folded and in order of preference, with which other products write what the Sigma
// taxonomy calls by the name in front.
// Source: https://sigmahq.io/docs/basics/log-sources.html and the taxonomy appendix; names of Windows Security events, the Elastic
// Common Schema, IIS, nginx, Squid, Zeek and Suricata from their own references.
const aliases = `
	image: newprocessname process.executable executable exe processpath process.path
	commandline: processcommandline process.commandline cmdline proctitle command
	originalfilename: process.pe.originalfilename
	parentimage: parentprocessname process.parent.executable parentprocesspath
	parentcommandline: process.parent.commandline parentprocesscommandline
	parentuser: process.parent.user.name
	currentdirectory: process.workingdirectory cwd
	integritylevel: mandatorylabel process.ext.token.integritylevelname
	user: subjectusername username user.name
	processid: newprocessid process.pid
	targetfilename: file.path objectname
	imageloaded: dll.path
	signed: dll.codesignature.signed
	signature: dll.codesignature.subjectname
	targetobject: registry.path objectname
	details: registry.data.strings newvalue
	sourceip: source.ip sourceaddress srcip
	destinationip: destination.ip destaddress destip dstip
	sourceport: source.port srcport
	destinationport: destination.port destport dstport
	destinationhostname: destination.domain
	protocol: network.transport proto
	queryname: dns.question.name
	scriptblocktext: powershell.file.scriptblocktext
	pipename: file.name
	eventid: eventcode event.code eventid.value
	channel: logname channelname
	providername: provider.name sourcename event.provider
	computername: computer host.name hostname
	objectname: file.path
	ipaddress: source.ip sourceip
	logontype: winlog.logon.type
	taskname: task.name
	servicefilename: imagepath
	param1: data0
	param2: data1
	csuri: url.original url.full url uri request
	curi: url.original url.full url uri csuri requesturl request
	cshost: url.domain host hostname servername destination.domain http.hostname rdns
	rdns: cshost destination.domain hostname
	cuseragent: useragent.original useragent httpuseragent csuseragent http.httpuseragent
	csuseragent: useragent.original useragent httpuseragent cuseragent http.httpuseragent
	useragent: useragent.original httpuseragent
	csmethod: http.request.method method requestmethod httpmethod http.httpmethod verb
	scstatus: http.response.statuscode status statuscode responsestatus http.status
	csreferer: http.request.referrer referrer referer httpreferer csreferrer
	csusername: username user.name user
	cscookie: cookie
	csuriquery: url.query uriquery querystring
	csuristem: url.path uripath uristem
	query: dns.question.name queryname rrname qname qnamestring
	recordtype: dns.question.type qtypename qtype querytype rrtype dns.rrtype
	answer: dns.answers.data answers rdata
	answers: dns.answers.data answer
	srcip: source.ip sourceip clientip remoteaddr csourceip
	dstip: destination.ip destinationip destip serverip
	srcport: source.port sourceport
	dstport: destination.port destinationport destport
	destination.port: dstport destport destinationport
	idorigh: source.ip srcip
	id.origh: source.ip srcip
	id.resph: destination.ip dstip
	id.respp: destination.port dstport
	action: event.action act
	eventname: name operation
	gcp.audit.methodname: methodname
	data.protopayload.methodname: methodname
	data.protopayload.servicename: servicename
	data.protopayload.logname: logname
	data.protopayload.resource.type: resource.type
	data.protopayload.authorizationinfo.permission: authorizationinfo.permission
	data.protopayload.authorizationinfo.granted: authorizationinfo.granted
	protopayload.servicename: servicename
	protopayload.metadata.event.eventname: metadata.event.eventname event.name
	eventservice: servicename
	operationname: operationnamevalue activitydisplayname operation
	operationnamevalue: operationname
	activitydisplayname: operationname
	activitytype: activitydisplayname operationname
	properties.message: activitydisplayname operationname operationnamevalue message
	categoryvalue: category
	category: categoryvalue
	initiatedby: properties.initiatedby
	loggedbyservice: properties.loggedbyservice
	resulttype: status.errorcode properties.status.errorcode errornumber
	resultdescription: status.failurereason
	authenticationrequirement: properties.authenticationrequirement
	eventtype: type
	operation: event.action
	comm: command
	userid: useridentity.username
	sourceipaddress: source.ip
`

// bySlot are the fields that an alert's own slots know, for the products whose names this package does not.
func bySlot() map[alert.Slot][]string {
	command := []string{"commandline"}
	return map[alert.Slot][]string{
		alert.EntitySlot(alert.Actor, alert.Command):   command,
		alert.EntitySlot(alert.Target, alert.Command):  command,
		alert.EntitySlot(alert.Related, alert.Command): command,
		alert.SlotParentCommand:                        {"parentcommandline"},
		alert.EntitySlot(alert.Actor, alert.Process):   {"image", "sourceimage"},
		alert.EntitySlot(alert.Target, alert.Process):  {"image", "targetimage"},
		alert.SlotParent:                               {"parentimage"},
		alert.SlotOriginalName:                         {"originalfilename"},
		alert.SlotIntegrity:                            {"integritylevel"},
		alert.EntitySlot(alert.Target, alert.File):     {"targetfilename", "imageloaded", "filename"},
		alert.EntitySlot(alert.Target, alert.Registry): {"targetobject"},
		alert.SlotDetails:                              {"details"},
		alert.SlotScript:                               {"scriptblocktext"},
		alert.EntitySlot(alert.Actor, alert.User):      {"user", "subjectusername", "csusername"},
		alert.EntitySlot(alert.Target, alert.User):     {"targetusername"},
		alert.EntitySlot(alert.Source, alert.IP):       {"sourceip", "srcip", "ipaddress"},
		alert.EntitySlot(alert.Target, alert.IP):       {"destinationip", "dstip"},
		alert.SlotSourcePort:                           {"sourceport", "srcport"},
		alert.SlotTargetPort:                           {"destinationport", "dstport"},
		alert.EntitySlot(alert.Target, alert.Domain):   {"destinationhostname", "cshost"},
		alert.SlotQuery:                                {"queryname", "query"},
		alert.EntitySlot(alert.Target, alert.URL):      {"curi"},
		alert.SlotUserAgent:                            {"cuseragent", "csuseragent"},
		alert.SlotHTTPMethod:                           {"csmethod"},
		alert.SlotHTTPStatus:                           {"scstatus"},
		alert.SlotReferrer:                             {"csreferer"},
		alert.SlotThreat:                               {"signature"},
		alert.SlotEventCode:                            {"eventid"},
		alert.SlotProvider:                             {"channel"},
	}
}
