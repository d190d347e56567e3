"""Runs checks one after the other and counts how they end."""

import json
import traceback
import urllib.request

_checks = []


def check(function):
    """Marks a function as a check. It gets the fakes' description and fails by an exception."""
    _checks.append(function)
    return function


def run(fakes):
    """Runs all checks; returns how many passed and failed."""
    passed = failed = 0
    for function in _checks:
        name = f"{function.__module__}: {function.__doc__.strip().splitlines()[0]}"
        try:
            function(fakes)
        except Exception:  # whatever a foreign client throws is a failure
            failed += 1
            print("FAILED ", name)
            traceback.print_exc()
        else:
            passed += 1
            print("ok     ", name)
    return passed, failed


def fetch(url):
    """Reads JSON."""
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)


def fetch_lines(url):
    """Reads JSON lines."""
    with urllib.request.urlopen(url, timeout=60) as answer:
        return [json.loads(line) for line in answer]


def same(found, wanted, what):
    """Fails unless two values are equal, and tells where lists and sets differ."""
    if found == wanted:
        return
    if isinstance(found, (list, set)) and isinstance(wanted, (list, set)):
        extra = [x for x in found if x not in wanted][:3]
        lacking = [x for x in wanted if x not in found][:3]
        raise AssertionError(f"{what}: {len(found)} found, {len(wanted)} wanted; not wanted {extra}, lacking {lacking}")
    raise AssertionError(f"{what}: found {found!r}, wanted {wanted!r}")


def raises(kind, call, test=lambda error: True):
    """Fails unless a call raises an exception of a kind that passes a test."""
    try:
        call()
    except kind as error:
        if not test(error):
            raise AssertionError(f"unexpected {error!r}") from error
        return
    raise AssertionError(f"no {kind.__name__}")
