"""The form of the JSON files: tensors, non-finite numbers, one case to a line, comparison."""

import json
import math


def tensor(value, name=None):
    """A torch tensor as {"name", "shape", "values"}, values in row-major order."""
    value = value.detach()
    fields = {} if name is None else {"name": name}
    fields["shape"] = list(value.shape)
    fields["values"] = [number(x) for x in value.reshape(-1).tolist()]
    return fields


def number(value):
    """A float as JSON can hold it: infinities and NaN become strings."""
    if isinstance(value, float):
        if math.isnan(value):
            return "nan"
        if math.isinf(value):
            return "inf" if value > 0 else "-inf"
    return value


def text(document):
    """The document as JSON, with each element of a top-level list on a line of its own.

    Python writes a float with the fewest digits that give the same float64 when read back.
    """
    lines = []
    for key, value in document.items():
        if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
            rows = ",\n".join("  " + compact(row) for row in value)
            lines.append(f'"{key}": [\n{rows}\n]')
        else:
            lines.append(f'"{key}": {compact(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def compact(value):
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def difference(stored, computed, tolerance, path=""):
    """Where two documents first differ, or None.

    Numbers may differ by `tolerance` relative to the larger of 1 and their size; tolerance 0 means
    that they must be equal.
    """
    if isinstance(stored, dict) and isinstance(computed, dict):
        if list(stored) != list(computed):
            return f"{path}: keys {list(stored)} and {list(computed)}"
        pairs = [(f"{path}/{key}", stored[key], computed[key]) for key in stored]
    elif isinstance(stored, list) and isinstance(computed, list):
        if len(stored) != len(computed):
            return f"{path}: {len(stored)} and {len(computed)} elements"
        pairs = [(f"{path}/{i}", a, b) for i, (a, b) in enumerate(zip(stored, computed))]
    elif isinstance(stored, float) and isinstance(computed, float):
        close = math.isclose(stored, computed, rel_tol=tolerance, abs_tol=tolerance)
        return None if close else f"{path}: {stored!r} and {computed!r}"
    else:
        return None if stored == computed else f"{path}: {stored!r} and {computed!r}"
    for inner_path, a, b in pairs:
        found = difference(a, b, tolerance, inner_path)
        if found:
            return found
    return None
