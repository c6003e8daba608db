package learn

// product says how one product exports what became of its alerts. Paths are folded keys joined by dots, see fields.
type product struct {
	name  string
	marks [][]string // it is this product when all paths of one of these are there; none: anything

	alerts   []string // ids of the alerts that are spoken of: every value counts
	verdicts []string // ids of soc's own verdicts, likewise
	words    []string // what was decided: the first that is there
	tags     []string // where other words stand too, and those that are known count; read when words say nothing

	state string   // the path that says how far the work is ...
	done  []string // ... and the words, folded, for its end; without the path, or where it is missing, the work is done

	incident []string // names the incident: the first that is there, and likewise below
	by, at   []string
	reason   []string // joined
	sure     []string // confirmed or asserted

	meaning map[string]string // words, folded to letters and digits, beside the common ones: a disposition's name, or empty while nothing is decided
}

// paths yields every path that the product reads.
func (p *product) paths(yield func(string) bool) {
	lists := append([][]string{p.alerts, p.verdicts, p.words, p.tags, {p.state}, p.incident, p.by, p.at, p.reason, p.sure, {"kind", "version"}}, p.marks...)
	for _, list := range lists {
		for _, path := range list {
			if path != "" && !yield(path) {
				return
			}
		}
	}
}

// The dispositions as the table of products names them.
const (
	attack  = "true_positive"
	benign  = "benign_positive"
	mistake = "false_positive"
	nobody  = "undetermined"
	pending = ""
)

// common are the words of every product.
func common() map[string]string {
	return map[string]string{
		"truepositive": attack, "benignpositive": benign, "falsepositive": mistake, "undetermined": nobody,
		"tp": attack, "bp": benign, "btp": benign, "benigntruepositive": benign, "fp": mistake,
		"unknown": pending, "notset": pending, "none": pending, "new": pending, "unassigned": pending, "unclassified": pending,
	}
}

// products is the table, the more particular first. Sources: the vendors' references named beside each.
func products() []product {
	return []product{
		{
			name:  "soc", // docs/schema/decision.schema.json
			marks: [][]string{{"alertid", "disposition"}, {"verdict", "disposition"}}, alerts: []string{"alertid"}, verdicts: []string{"verdict"},
			words: []string{"disposition"}, incident: []string{"incident", "case"}, by: []string{"by"}, at: []string{"at"},
			reason: []string{"reason"}, sure: []string{"certainty"},
		},
		{
			name:   "Microsoft GUIDE", // the data set's columns
			marks:  [][]string{{"incidentgrade"}},
			alerts: []string{"id", "evidenceid"}, words: []string{"incidentgrade"}, incident: []string{"incidentid"}, at: []string{"timestamp"},
		},
		{
			name:   "Microsoft Sentinel incident", // table SecurityIncident; Microsoft.SecurityInsights/incidents
			marks:  [][]string{{"incidentnumber", "status"}, {"incidentnumber", "classification"}},
			alerts: []string{"alertids", "alerts.systemalertid", "alerts.properties.systemalertid", "alerts.name", "incidentname", "name"},
			words:  []string{"classification"}, state: "status", done: []string{"closed"},
			incident: []string{"incidentname", "name", "incidentnumber"},
			by:       []string{"owner.userprincipalname", "owner.email", "owner.assignedto", "owner", "modifiedby"},
			at:       []string{"closedtime", "closedtimeutc", "lastmodifiedtime", "lastmodifiedtimeutc", "timegenerated"},
			reason:   []string{"classificationreason", "classificationcomment"},
		},
		{
			name:   "Microsoft Defender incident", // graph: security-incident; Defender XDR: /api/incidents
			marks:  [][]string{{"classification", "alerts.id"}, {"classification", "alerts.alertid"}, {"classification", "alerts.provideralertid"}},
			alerts: []string{"alerts.id", "alerts.alertid", "alerts.provideralertid"},
			words:  []string{"classification"}, state: "status", done: []string{"resolved", "redirected"}, incident: []string{"incidentid", "id"},
			by: []string{"assignedto"}, at: []string{"resolveddatetime", "lastupdatedatetime", "lastupdatetime"},
			reason: []string{"determination", "resolvingcomment", "comments.comment"}, meaning: expected(),
		},
		{
			name:   "Microsoft Defender alert", // graph: security-alert; Defender for Endpoint: /api/alerts
			marks:  [][]string{{"classification", "determination"}, {"classification", "servicesource"}, {"classification", "alertcreationtime"}},
			alerts: []string{"id", "alertid", "provideralertid"},
			words:  []string{"classification"}, state: "status", done: []string{"resolved"}, incident: []string{"incidentid"},
			by: []string{"assignedto", "resolvedby"}, at: []string{"resolveddatetime", "resolvedtime", "lastupdatedatetime", "lastupdatetime"},
			reason: []string{"determination", "comments.comment"}, meaning: expected(),
		},
		{
			name:   "Microsoft Graph alert, first version", // graph: alert
			marks:  [][]string{{"feedback", "vendorinformation.vendor"}, {"feedback", "azuretenantid"}},
			alerts: []string{"id"}, words: []string{"feedback"}, state: "status", done: []string{"resolved"}, incident: []string{"incidentids"},
			by: []string{"assignedto"}, at: []string{"closeddatetime", "lastmodifieddatetime"}, reason: []string{"comments"},
		},
		{
			name:   "Splunk Enterprise Security", // macro notable; findings and investigations of version 8
			marks:  [][]string{{"disposition", "eventid"}, {"disposition", "findingid"}, {"disposition", "findingids"}, {"disposition", "investigationguid"}, {"dispositionlabel", "eventid"}},
			alerts: []string{"eventid", "findingid", "notableid", "findingids", "findings.findingid", "consolidatedfindings.eventid"},
			words:  []string{"disposition", "dispositionlabel", "dispositionname"}, incident: []string{"investigationguid", "investigationid"},
			by: []string{"reviewer", "owner"}, at: []string{"reviewtime", "updatetime"}, reason: []string{"dispositiondescription", "comment"}, meaning: splunk(),
		},
		{
			name:   "Splunk Enterprise Security review", // lookup incident_review_lookup
			marks:  [][]string{{"disposition", "ruleid", "status"}},
			alerts: []string{"ruleid"}, words: []string{"disposition"}, by: []string{"reviewer", "user", "owner"}, at: []string{"time", "_time"},
			reason: []string{"comment"}, meaning: splunk(),
		},
		{
			name:   "Elastic Security", // alert schema: kibana.alert.workflow_*
			marks:  [][]string{{"kibana.alert.workflowstatus"}},
			alerts: []string{"_id", "kibana.alert.uuid"}, words: []string{"kibana.alert.workflowreason"}, tags: []string{"kibana.alert.workflowtags"},
			state: "kibana.alert.workflowstatus", done: []string{"closed"}, incident: []string{"kibana.alert.caseids", "kibana.alert.group.id"},
			by: []string{"kibana.alert.workflowuser"}, at: []string{"kibana.alert.workflowstatusupdatedat"},
			meaning: map[string]string{"duplicate": nobody, "other": nobody, "automatedclosure": pending},
		},
		{
			name:   "TheHive alert", // docs.strangebee.com, alert
			marks:  [][]string{{"sourceref", "status"}, {"sourceref", "resolutionstatus"}},
			alerts: []string{"sourceref", "_id", "id"}, words: []string{"resolutionstatus", "status"}, incident: []string{"case", "caseid"},
			by: []string{"assignee", "_updatedby", "updatedby", "owner"}, at: []string{"closeddate", "_updatedat", "updatedat"},
			reason: []string{"summary"}, meaning: thehive(),
		},
		{
			name:   "TheHive case", // docs.strangebee.com, case
			marks:  [][]string{{"resolutionstatus", "caseid"}, {"resolutionstatus", "tlp"}, {"status", "tlp", "pap"}},
			alerts: []string{"alerts.sourceref", "alerts._id", "alerts.id", "relatedalerts.sourceref", "_id", "id"},
			words:  []string{"resolutionstatus", "status"}, incident: []string{"_id", "id", "caseid"},
			by: []string{"assignee", "owner"}, at: []string{"enddate", "_updatedat", "updatedat"},
			reason: []string{"impactstatus", "summary"}, meaning: thehive(),
		},
		{
			name: "DFIR-IRIS alert", // docs.dfir-iris.org, alerts
			marks: [][]string{
				{"alertsourceref", "resolutionstatus.resolutionstatusname"},
				{"alertsourceref", "alertresolutionstatus.resolutionstatusname"},
				{"alertsourceref", "resolutionstatusname"},
				{"alertsourceref", "alertresolutionstatus"},
				{"alertsourceref", "status.statusname"},
			},
			alerts:   []string{"alertsourceref", "alertuuid"},
			words:    []string{"resolutionstatus.resolutionstatusname", "alertresolutionstatus.resolutionstatusname", "resolutionstatusname", "alertresolutionstatus"},
			incident: []string{"cases.caseid", "cases"}, by: []string{"owner.userlogin", "owner.username", "alertowner"},
			at: []string{"alertcreationtime"}, reason: []string{"alertnote"}, meaning: iris(),
		},
		{
			name:   "DFIR-IRIS case", // docs.dfir-iris.org, cases
			marks:  [][]string{{"caseid", "statusname"}, {"casename", "statusname"}, {"caseid", "outcome"}},
			alerts: []string{"alerts.alertsourceref", "alerts.alertuuid"}, words: []string{"statusname", "outcome"}, incident: []string{"caseuuid", "caseid"},
			by: []string{"owner.userlogin", "owner"}, at: []string{"closedate", "caseclosedate"}, meaning: iris(),
		},
		{
			name:   "SentinelOne", // threats
			marks:  [][]string{{"threatinfo.analystverdict"}},
			alerts: []string{"threatinfo.threatid", "id"}, words: []string{"threatinfo.analystverdict"}, at: []string{"threatinfo.updatedat"},
			meaning: map[string]string{"undefined": pending, "suspicious": nobody},
		},
		{
			name:   "a table or object of common names",
			alerts: []string{"alertid", "eventid", "findingid", "evidenceid", "sourceref", "id", "_id", "uuid"},
			words: []string{
				"disposition", "dispositionlabel", "classification", "resolutionstatus", "resolution", "closingreason", "closereason", "workflowreason",
				"analystverdict", "verdict", "label", "grade", "outcome",
			},
			incident: []string{"incident", "incidentid", "incidentnumber", "case", "caseid", "investigationid"},
			by:       []string{"by", "analyst", "owner", "assignee", "assignedto", "closedby", "reviewer"},
			at:       []string{"at", "closedat", "closedtime", "reviewtime", "resolvedat", "decidedat", "updatedat", "timestamp", "time"},
			reason:   []string{"reason", "comment"}, sure: []string{"certainty"},
			meaning: expected(),
		},
	}
}

// expected are the words of Defender and Graph.
func expected() map[string]string { return map[string]string{"informationalexpectedactivity": benign} }

// splunk are the shipped dispositions by number and by label.
func splunk() map[string]string {
	return map[string]string{
		"disposition0": pending, "disposition1": attack, "disposition2": benign, "disposition3": mistake, "disposition4": mistake, "disposition5": nobody,
		"disposition6": nobody, "falsepositiveinaccuratedata": mistake, "other": nobody, "testing": nobody,
	}
}

// thehive are the statuses that end a case or an alert, and those that do not.
func thehive() map[string]string {
	return map[string]string{
		"indeterminate": nobody, "other": nobody, "duplicated": nobody, "duplicate": nobody,
		"inprogress": pending, "imported": pending, "updated": pending, "ignored": pending, "open": pending, "resolved": pending, "deleted": pending,
	}
}

// iris are the resolutions of alerts and the outcomes of cases.
func iris() map[string]string {
	return map[string]string{"truepositivewithimpact": attack, "truepositivewithoutimpact": attack, "legitimate": benign, "notapplicable": nobody}
}
