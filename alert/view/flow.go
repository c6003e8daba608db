package view

import "strings"

// flowNames are the columns of a VPC flow log of AWS: the fourteen of the default format, then those of the versions 3 to 5
// in the order of the documentation, which is also that of the usual custom format. They are spelled as the JSON export does.
var flowNames = [...]string{
	"version", "account_id", "interface_id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end",
	"action", "log_status", "vpc_id", "subnet_id", "instance_id", "tcp_flags", "type", "pkt_srcaddr", "pkt_dstaddr", "region", "az_id",
	"sublocation_type", "sublocation_id", "pkt_src_aws_service", "pkt_dst_aws_service", "flow_direction", "traffic_path",
}

// defaultColumns is how many columns the default format of a flow log has.
const defaultColumns = 14

// flow reads a line of a VPC flow log. An empty column, a dash, is left out.
func flow(o *object, s string) bool {
	cells := strings.Fields(s[:min(len(s), 2048)])
	if len(cells) < defaultColumns || len(cells) > len(flowNames) || len(cells[0]) != 1 || !digit(cells[0][0]) ||
		digits(cells[10]) != len(cells[10]) || !strings.HasPrefix(cells[2], "eni-") && cells[2] != "-" {
		return false
	}
	switch cells[13] {
	case "OK", "NODATA", "SKIPDATA":
	default:
		return false
	}
	o.open("flow")
	for i, c := range cells {
		o.known(flowNames[i], dash(c))
	}
	o.end()
	return true
}
