"""Reads a Kafka cluster's logs from outside: topics, records, committed offsets.

A `Logs` is what was read: topic → partition → list of (offset, key, value, ms). It can be kept in a
file, so that a finding can be looked at when the cluster is gone.
"""
import pickle
import time
import zlib

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

PATIENCE_S = 60
NEVER = -1001  # librdkafka's "no offset"
NAMES = ('urls', 'leases', 'control')


class Logs:
    def __init__(self):
        self.topics = {}
        self.low = {}   # (topic, partition) → first offset the broker still has
        self.high = {}  # (topic, partition) → end

    def records(self, topic):
        """(partition, offset, key, value), partition by partition in offset order."""
        for partition, items in sorted(self.topics.get(topic, {}).items()):
            for offset, key, value, _ in items:
                yield partition, offset, key, value

    def save(self, path):
        with open(path, 'wb') as file:
            file.write(zlib.compress(pickle.dumps(vars(self)), 1))

    @classmethod
    def load(cls, path):
        logs = cls()
        with open(path, 'rb') as file:
            vars(logs).update(pickle.loads(zlib.decompress(file.read())))
        return logs


class Ledger:
    """A checksum of every record that was ever read, in the order of offsets."""

    def __init__(self):
        self.sums = {}  # (topic, partition) → list

    def add(self, logs):
        """What `logs` has beyond what is known."""
        for topic, partitions in logs.topics.items():
            for partition, items in partitions.items():
                known = self.sums.setdefault((topic, partition), [])
                known += [_sum(item) for item in items if item[0] >= len(known)]

    def compare(self, logs):
        """Places where the log is not what was read before."""
        for (topic, partition), known in sorted(self.sums.items()):
            if topic not in logs.topics:
                continue
            items = logs.topics[topic].get(partition, [])
            now = [_sum(item) for item in items[:len(known)]]
            if now != known:
                wrong = next((at for at, pair in enumerate(zip(now, known)) if pair[0] != pair[1]),
                             len(now))
                yield f'{topic}/{partition}@{wrong}'


def _sum(item):
    return zlib.crc32(item[2], zlib.crc32(item[1], item[0]))


def parse_url(url):
    """kafka://HOST:PORT[,…][/PREFIX][?NAME=VALUE&…] → servers, prefix with its dot, settings."""
    rest = url.removeprefix('kafka://')
    rest, _, settings = rest.partition('?')
    servers, _, prefix = rest.partition('/')
    pairs = [one.split('=', 1) for one in settings.split('&') if one]
    return servers, prefix + '.' if prefix else '', dict(pairs)


class Cluster:
    """A cluster seen by somebody who is in no group."""

    def __init__(self, url):
        self.servers, self.prefix, settings = parse_url(url)
        self.settings = {name: value for name, value in settings.items()
                         if name.startswith(('security.', 'sasl.', 'ssl.'))}
        self.settings['bootstrap.servers'] = self.servers
        self.settings['log_level'] = 0
        self.reader = self._consumer('chaos-outside')
        self.askers = {}

    def close(self):
        for consumer in (self.reader, *self.askers.values()):
            consumer.close()
        self.askers = {}

    def _consumer(self, group):
        return Consumer({**self.settings, 'group.id': group, 'enable.auto.commit': False,
                         'enable.partition.eof': False, 'check.crcs': True,
                         'fetch.wait.max.ms': 50, 'auto.offset.reset': 'error',
                         'topic.metadata.refresh.interval.ms': 2000,
                         'reconnect.backoff.max.ms': 500})

    def partitions(self, wanted=lambda topic: True):
        """topic without prefix → number of partitions."""
        found = self.reader.list_topics(timeout=PATIENCE_S).topics
        result = {}
        for name, topic in found.items():
            if name.startswith(self.prefix) and not name.startswith('__'):
                short = name[len(self.prefix):]
                if wanted(short):
                    result[short] = len(topic.partitions)
        return result

    def bounds(self, topic, partition):
        """First offset and end, asked of the leader; waits for one."""
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self.reader.get_watermark_offsets(
                    TopicPartition(self.prefix + topic, partition), timeout=5)
            except KafkaException:
                if time.monotonic() > end:
                    raise

    def read(self, starts):
        """Reads every (topic, partition) of `starts` from its offset to its end, as a Logs."""
        logs = Logs()
        ends, positions = {}, {}
        for (topic, partition), start in starts.items():
            low, high = self.bounds(topic, partition)
            logs.topics.setdefault(topic, {}).setdefault(partition, [])
            logs.low[topic, partition], logs.high[topic, partition] = low, high
            if max(low, start) < high:
                ends[topic, partition] = high
                positions[topic, partition] = max(low, start)
        if ends:
            self._fill(logs, positions, ends)
        return logs

    def _fill(self, logs, positions, ends):
        self.reader.assign([TopicPartition(self.prefix + topic, partition, offset)
                            for (topic, partition), offset in positions.items()])
        limit = time.monotonic() + PATIENCE_S
        waiting = set(ends)
        while waiting:
            if time.monotonic() > limit:
                raise TimeoutError(f'cannot read {sorted(waiting)[:3]} to their ends')
            for message in self.reader.consume(num_messages=500, timeout=0.5):
                if message.error():
                    continue
                limit = time.monotonic() + PATIENCE_S
                place = message.topic()[len(self.prefix):], message.partition()
                if place in ends and message.offset() < ends[place]:
                    logs.topics[place[0]][place[1]].append(
                        (message.offset(), message.key() or b'', message.value() or b'',
                         message.timestamp()[1]))
                if place in ends and message.offset() >= ends[place] - 1:
                    waiting.discard(place)
        self.reader.unassign()

    def groups(self):
        """Names of the groups of this installation, without the prefix."""
        admin = AdminClient(self.settings)
        return sorted(one.id[len(self.prefix):] for one in admin.list_groups(timeout=10)
                      if one.id.startswith(self.prefix))

    def committed(self, group, places):
        """(topic, partition) → committed offset, of those that have one; {} if nobody answers."""
        if group not in self.askers:
            self.askers[group] = self._consumer(self.prefix + group)
        asked = [TopicPartition(self.prefix + topic, partition) for topic, partition in places]
        try:
            answers = self.askers[group].committed(asked, timeout=3)
        except KafkaException:
            return {}
        return {(one.topic[len(self.prefix):], one.partition): one.offset for one in answers
                if one.error is None and one.offset >= 0}

    def forget(self, group):
        """No more questions about this group."""
        consumer = self.askers.pop(group, None)
        if consumer is not None:
            consumer.close()
