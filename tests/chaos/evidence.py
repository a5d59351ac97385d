"""All that is known of a round; from a file it can be checked when the cluster is gone."""
import pickle
from collections import Counter


class Evidence:
    def __init__(self, logs):
        self.logs = logs
        self.seen = None            # Logs read while the round went on
        self.samples = []           # of commits: time, before, commits, after
        self.processes = []         # time, processes
        self.disks = {}             # host → MB used
        self.requests = None        # of the sites; None: unknown
        self.earlier = []           # the last request of each host before them
        self.leased_before = Counter()  # (host, method, target) that an older job may still send
        self.stops = []             # manners.Stop
        self.robots = {}            # host → manners.Robots
        self.faults_end_ms = None

    def save(self, path):
        with open(path, 'wb') as file:
            pickle.dump(self, file)

    @staticmethod
    def load(path):
        with open(path, 'rb') as file:
            return pickle.load(file)
