"""Watches a job while things happen to it: reads its logs, asks for commits, looks at processes.

A thread with Kafka clients of its own. A sample asks for the commits between two readings, so that
what a commit stands for must be in the second, and what must come after a claim is not yet in the
first.
"""
import threading
import time

from bounds import process_sample
from confluent_kafka import KafkaException
from logs import NAMES, Logs

PAUSE_S = 1.0
GROUPS = (('frontier', 'urls'), ('crawler', 'leases'))
MAPS = (('classifier', 'documents'), ('extractor', 'visits'))


class Recorder:
    def __init__(self, cluster, job, starts, pids):
        """`starts`: (topic, partition) → offset for the shared logs; `pids`: () → names of
        processes by pid."""
        self.cluster, self.job, self.pids = cluster, job, pids
        self.starts = dict(starts)
        self.positions = dict(starts)
        self.topics = {}
        self.complete = False
        self.submitted = threading.Event()
        self.seen = Logs()
        self.samples, self.processes = [], []
        self.troubles = 0
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    # ---- the thread ----

    def _watch(self):
        while not self.ending.wait(PAUSE_S):
            self.processes.append({'time': time.time(), 'processes': self._look()})
            try:
                self._sample()
            except (KafkaException, TimeoutError):
                self.troubles += 1  # a cluster in trouble: the next sample says more

    def _look(self):
        found = {}
        for pid, name in self.pids().items():
            values = process_sample(pid)
            if values is not None:
                top = found.setdefault(name, values)
                found[name] = {what: max(top[what], value) for what, value in values.items()}
        return found

    def find_topics(self):
        """All are there when the job has been submitted."""
        if self.complete:
            return
        self.complete = self.submitted.is_set()
        self.topics = self.cluster.partitions(
            lambda topic: topic in NAMES or topic.startswith(self.job + '.'))
        for topic, count in self.topics.items():
            for partition in range(count):
                self.positions.setdefault((topic, partition), 0)
                self.starts.setdefault((topic, partition), 0)

    def _read(self, wanted):
        """Reads on in these logs; the ends it has come to."""
        new = self.cluster.read({place: offset for place, offset in self.positions.items()
                                 if wanted(place[0])})
        for topic, partitions in new.topics.items():
            for partition, items in partitions.items():
                self.seen.topics.setdefault(topic, {}).setdefault(partition, []).extend(items)
                if items:
                    self.positions[topic, partition] = items[-1][0] + 1
        return {place: offset for place, offset in self.positions.items() if wanted(place[0])}

    def _sample(self):
        self.find_topics()
        sample = {'time': time.time(), 'before': self._read(lambda topic: topic == 'urls'),
                  'commits': {}}
        for group, topic in GROUPS:
            self._ask(sample, group, topic, self.topics.get(topic, 0))
        for stage, kind in MAPS:
            topic = f'{self.job}.main.{kind}'
            if topic in self.topics:
                self._ask(sample, f'{stage}.{self.job}.main', topic, self.topics[topic])
        sample['after'] = self._read(lambda topic: topic != 'urls')
        self.samples.append(sample)

    def _ask(self, sample, group, topic, count):
        if count == 0:
            return
        answers = self.cluster.committed(group, [(topic, partition) for partition in range(count)])
        for (log, partition), offset in answers.items():
            sample['commits'][group, log, partition] = offset

    # ---- for the round ----

    def sealed(self):
        """Does `control` say so? Cheap: by the bytes of a record that names the job twice."""
        needle = self.job.encode()
        return any(value.count(needle) >= 2 and b'.reports' in value
                   for *_, value, _ in list(self.seen.topics.get('control', {}).get(0, ())))

    def finish(self):
        self.ending.set()
        self.thread.join()
        for stage, _ in MAPS:
            self.cluster.forget(f'{stage}.{self.job}.main')
