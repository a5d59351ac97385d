"""I6, I7, I8: progress, memory, and committed offsets, from what was sampled during a round."""
import os
from collections import defaultdict

from records import source_of

LIMITS = {'rss_mb': 600, 'fds': 800, 'threads': 64}  # of a process
DISK_MB = 2000  # of a host
PROGRESS_S = 60


# ---- I8 ----

def check_backwards(samples, findings):
    """A committed offset never goes back."""
    highest = {}
    for sample in samples:
        for (group, topic, partition), offset in sample['commits'].items():
            before = highest.get((group, topic, partition), (-1, 0))
            if offset < before[0]:
                findings.add('I8', f'{group} went back from {topic}/{partition}@{before[0]} '
                             f'({before[1]:.1f}) to @{offset} ({sample["time"]:.1f})')
            highest[group, topic, partition] = max(before, (offset, sample['time']))
    return {place: offset for place, (offset, _) in highest.items()}


def check_ends(highest, logs, findings):
    for (group, topic, partition), offset in highest.items():
        if offset > logs.high.get((topic, partition), offset):
            findings.add('I8', f'{group} stands at {topic}/{partition}@{offset}, behind the end '
                         f'{logs.high[topic, partition]}')


def check_map(job, samples, step, findings):
    """No commit of a map is ahead of an outcome. `step`: stage, kind it reads, kind it writes.

    A sample has first asked for the commits and then read the outcomes: so what is missing there
    was missing when the commit was made."""
    stage, reads, writes = step
    written = defaultdict(list)  # place of an input → (partition, offset) of its outcomes
    topic = None
    for entry in job.entries[writes]:
        topic = entry.topic
        if source_of(entry) is not None:
            written[source_of(entry)].append((entry.partition, entry.offset))
    group = f'{stage}.{job.name}.{job.run}'
    inputs = {(e.topic, e.partition, e.offset): e for e in job.entries[reads]}
    first = {}  # partition → inputs below are known to be done
    for sample in samples:
        ends = sample['after']
        for (name, log, partition), offset in sample['commits'].items():
            if name != group:
                continue
            for at in range(first.get(partition, 0), offset):
                place = (log, partition, at)
                if place in inputs and not any(o < ends.get((topic, p), 0)
                                               for p, o in written.get(place, ())):
                    findings.add('I8', f'{group} has committed @{offset} with no outcome of',
                                 inputs[place])
            first[partition] = max(first.get(partition, 0), offset)
    return len(first)


def check_claims(job, samples, findings):
    """A lease is claimed before it is worked on: no result of one behind the committed offset.

    A sample has first read the results and then asked for the commits."""
    leases = {e.message.id: e for e in job.entries['leases']}
    results = [(e, leases[lease]) for lease, entries in job.results.items() if lease in leases
               for e in entries]
    for sample in samples:
        commits = {(topic, partition): offset
                   for (group, topic, partition), offset in sample['commits'].items()
                   if group == 'crawler'}
        for result, lease in results:
            if result.offset < sample['before'].get((result.topic, result.partition), 0) and \
                    commits.get((lease.topic, lease.partition), 1 << 62) <= lease.offset:
                findings.add('I8', f'{lease.place} was worked on before it was claimed', result)


def check_commits(job, logs, samples, findings):
    check_ends(check_backwards(samples, findings), logs, findings)
    check_map(job, samples, ('classifier', 'documents', 'visits'), findings)
    check_map(job, samples, ('extractor', 'visits', 'reports'), findings)
    check_claims(job, samples, findings)


# ---- I6 ----

def longest_silence(job, logs, start_ms):
    """Longest time without any record of the job, and time to its seal, in seconds from there."""
    times = [start_ms]
    seal_ms = start_ms
    for topic, partitions in logs.topics.items():
        for items in partitions.values():
            if topic not in ('leases', 'control'):
                times += [ms for *_, ms in items if ms > start_ms]
    seal = job.seal()
    if seal is not None:
        seal_ms = next(item[3] for item in logs.topics['control'][0] if item[0] == seal.offset)
        times = [ms for ms in times if ms <= seal_ms] + [seal_ms]
    times.sort()
    silence = max((b - a for a, b in zip(times, times[1:])), default=0)
    return silence / 1000, max(0, seal_ms - start_ms) / 1000


def check_progress(job, logs, faults_end_ms, findings):
    silence, rest = longest_silence(job, logs, faults_end_ms)
    if silence > PROGRESS_S:
        findings.add('I6', f'nothing happened for {silence:.0f} s after the last fault')
    return {'silence': silence, 'rest': rest}


# ---- I7 ----

def process_sample(pid):
    """Resident memory in MB, open files, threads; None if the process is gone."""
    try:
        with open(f'/proc/{pid}/status', encoding='utf-8') as file:
            fields = dict(line.split(':', 1) for line in file if ':' in line)
        return {'rss_mb': int(fields.get('VmRSS', '0 kB').split()[0]) / 1024,
                'threads': int(fields['Threads']), 'fds': len(os.listdir(f'/proc/{pid}/fd'))}
    except (OSError, KeyError, ValueError):
        return None


def check_resources(samples, findings):
    """`samples`: dicts with time and processes: name → {rss_mb, fds, threads}. Returns the peaks,
    program → {…}."""
    peaks = {}
    for sample in samples:
        for name, values in sample['processes'].items():
            top = peaks.setdefault(name, {})
            for what, value in values.items():
                top[what] = max(top.get(what, 0), value)
    for name, top in sorted(peaks.items()):
        for what, limit in LIMITS.items():
            if top[what] > limit:
                findings.add('I7', f'{name}: {what} {top[what]:.0f}, at most {limit}')
    return peaks


def disk_mb(folder):
    """Used of the file system that the folder is."""
    state = os.statvfs(folder)
    return (state.f_blocks - state.f_bfree) * state.f_frsize / (1 << 20)


def check_disks(disks, findings):
    """`disks`: host → MB used."""
    for host, used in sorted(disks.items()):
        if used > DISK_MB:
            findings.add('I7', f'{host}: {used:.0f} MB on disk, at most {DISK_MB}')
    return {'disk_mb': round(max(disks.values()))}
