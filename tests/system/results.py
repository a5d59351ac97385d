"""The files of two result folders that the contract wants to be the same bytes."""
import filecmp
import os

COMPARED = ('.csv', '.json', '.jsonl', '.svg')


def result_files(folder, endings=COMPARED):
    """Relative name → path."""
    found = {}
    for base, _, names in os.walk(folder):
        for name in names:
            if name.endswith(endings):
                path = os.path.join(base, name)
                found[os.path.relpath(path, folder)] = path
    return found


def differences(reference, out):
    """Names of files that are missing, too many or different."""
    expected, found = result_files(reference), result_files(out)
    different = sorted(set(expected) ^ set(found))
    different += [name for name in sorted(set(expected) & set(found))
                  if not filecmp.cmp(expected[name], found[name], shallow=False)]
    return different
