# An estate to respond in, made in the working directory: keys of two people, an inventory, a block list as the only driver, a plan.
# Its configuration is the user's own: run it where that is a scratch directory.
set -e
here=$(dirname "$0")
mkdir -p "$XDG_CONFIG_HOME/soc"
printf 'hostname,role\ndc-01,domain-controller\nws-12,workstation\n' > assets.csv
{
  echo "approvers:"
  soc respond keygen --out maria.key --name maria 2>/dev/null | sed 's/^/  /'
  soc respond keygen --out pat.key --name sam 2>/dev/null | sed 's/^/  /'
  echo "assets: {files: [{path: \"$PWD/assets.csv\"}]}"
  echo "respond: {laboratory: [203.0.113.0/24], stop: \"$PWD/stop\", drills: {block-ip: 192.0.2.9}}"
  echo "drivers:"
  echo "  edge: {type: blocklist, path: \"$PWD/block.txt\", actions: [block-ip]}"
  echo "soar: {xsoar: {type: xsoar, url: \"http://127.0.0.1:9\", version: 6, token_file: \"$PWD/soar.token\"}}"
} > "$XDG_CONFIG_HOME/soc/soc.yaml"
echo a-token > soar.token
cp "$here/case.ndjson" case.ndjson
soc respond plan --by sam --json case.ndjson > plan.json
sed 's/.*"id":"\(p-[0-9a-f]*\)".*/\1/' plan.json > plan-id
