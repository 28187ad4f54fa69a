#!/usr/bin/env bash
# A sweep on a real Slurm of one node: munge, slurmctld and slurmd of Debian's packages slurm-wlm and munge are started on loopback,
# with their files in a temporary folder, and ended again.
#
#   Tests/Slurm/run.sh [PROGRAM]     PROGRAM is research's, .build/release/research or .build/debug/research by default
#
# Checked: the joined result of a job array equals that of one machine, byte for byte; a task that is queued again goes on; `status`
# shows the queue. Exit status 0 where all of that holds, 1 where something does not, 77 where Slurm cannot be started here.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
program=${1:-}
for candidate in "$root/.build/release/research" "$root/.build/debug/research"; do
  [ -n "$program" ] || { [ -x "$candidate" ] && program=$candidate; }
done

skip() { echo "skipped: $1"; exit 77; }
[ -n "$program" ] || skip "no program research: swift build first"
for daemon in munged slurmctld slurmd; do
  PATH=$PATH:/usr/sbin command -v "$daemon" > /dev/null || skip "there is no $daemon (Debian: slurm-wlm, munge)"
done
[ "$(id -u)" = 0 ] || skip "slurmd starts jobs as their users, for which it has to be root's"
export PATH=$PATH:/usr/sbin

folder=$(mktemp -d -t plumb-slurm.XXXXXX)
processes=()
stop() {
  for process in "${processes[@]}"; do kill "$process" 2> /dev/null; done
  sleep 0.3
  for process in "${processes[@]}"; do kill -9 "$process" 2> /dev/null; done
  rm -rf "$folder"
}
trap stop EXIT

# munge refuses folders that others could write to.
chmod 755 "$folder"
mkdir -m 755 "$folder/munge" && mkdir -m 700 "$folder/key" "$folder/state" "$folder/spool"
head -c 128 /dev/urandom > "$folder/key/key" && chmod 400 "$folder/key/key"
host=$(hostname -s)
port=$((20000 + $$ % 20000))
cat > "$folder/slurm.conf" << END
ClusterName=plumb
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CryptoType=crypto/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MailProg=/bin/true
MpiDefault=none
ReturnToService=2
MinJobAge=300
SchedulerParameters=batch_sched_delay=0,sched_min_interval=100000,bf_interval=1
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF=$folder/slurm.conf
munged --foreground --force --socket="$folder/munge/socket" --key-file="$folder/key/key" \
  --pid-file="$folder/munge/pid" --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" \
  > "$folder/munged.out" 2>&1 &
processes+=($!)
for _ in $(seq 50); do [ -S "$folder/munge/socket" ] && break; sleep 0.1; done
[ -S "$folder/munge/socket" ] || { cat "$folder/munged.out" "$folder/munge/log"; skip "munged does not start"; }
slurmctld -D > "$folder/slurmctld.out" 2>&1 & processes+=($!)
slurmd -D -N "$host" > "$folder/slurmd.out" 2>&1 & processes+=($!)
for _ in $(seq 150); do sinfo --noheader --format=%T 2> /dev/null | grep -q idle && break; sleep 0.1; done
sinfo --noheader --format=%T 2> /dev/null | grep -q idle || {
  tail -5 "$folder/slurmctld.log" "$folder/slurmd.log"
  skip "slurmd does not become idle"
}
echo "Slurm $(sinfo --version | cut -d' ' -f2) on $host"

cd "$folder" || exit 1
failed=0
check() { if [ "$2" = "$3" ]; then echo "ok: $1"; else echo "WRONG: $1: $2, not $3"; failed=1; fi; }
wait_for() { for _ in $(seq 600); do [ -z "$(squeue --noheader 2> /dev/null)" ] && return; sleep 0.2; done; }
# All that a line of runs.jsonl says, but for times and the host.
lasting() { sed -E 's/"host":\{.*//; s/"seconds":[0-9.e+-]+//g' "$1" | sort; }

sweep=(depth --data moons --arms plain,residual --depths 2,4,8 --width 8 --batch 32 --steps 60
  --learning-rates 1e-3,3e-3 --seeds 1 --report-seeds 5)
"$program" "${sweep[@]}" --out whole > /dev/null; whole=$?
"$program" "${sweep[@]}" --out array --slurm --tasks 4 --partition main --time 10 --concurrency 2
check "sbatch takes the job" $? 0
"$program" status array | grep -E "^job [0-9]+ of 4 tasks" || failed=1
wait_for
"$program" status array | grep -E "^job [0-9]+ of 4 tasks: none in the queue" || failed=1
"$program" collect array > collected.txt; check "collect ends as one machine does" $? $whole
cmp whole/summary.csv array/summary.csv; check "summary.csv is the same" $? 0
check "runs are the same" "$(lasting array/runs.jsonl | cksum)" "$(lasting whole/runs.jsonl | cksum)"

# A task that is put back into the queue in the midst of a run.
long=(depth --data moons --arms plain --depths 2 --width 32 --batch 128 --steps 6000 --learning-rates 1e-3 --report-seeds 2)
"$program" "${long[@]}" --out long > /dev/null
"$program" "${long[@]}" --out again --slurm --tasks 1 > /dev/null
# The script is the user's to change: states are kept more often than a short run needs.
sed -i 's/ --shard/ --checkpoint 0 --shard/' again/slurm.sh
scancel --full "$(sed -n 's/.*"job" : "\([0-9]*\)".*/\1/p' again/slurm.json)" 2> /dev/null
wait_for
job=$(sbatch --parsable --output=again/slurm/%a.log again/slurm.sh)
for _ in $(seq 300); do ls again/checkpoints/*.checkpoint > /dev/null 2>&1 && break; sleep 0.05; done
ls again/checkpoints/*.checkpoint > /dev/null 2>&1; check "a run under way keeps its state" $? 0
scontrol requeue "${job}_1"; check "the task is queued again" $? 0
# Slurm holds back for a while what was queued again.
# The step of before has to be over, or what follows it fails.
sleep 3
for _ in $(seq 300); do
  squeue --noheader --format=%T | grep -q PENDING && scontrol update "JobId=${job}_1" StartTime=now 2> /dev/null
  [ -z "$(squeue --noheader)" ] && break
  sleep 0.2
done
"$program" collect again > /dev/null
cmp long/summary.csv again/summary.csv; check "a task that was queued again ends with the same bytes" $? 0
[ $failed = 0 ] && echo "all of it holds"
exit $failed
