"""Runs several cases in parallel. All of them run, even if one fails."""

import concurrent.futures


def run_all(cases, at_once):
    """`cases`: name of a case -> its function."""
    failed = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=at_once) as several:
        results = {name: several.submit(case) for name, case in cases.items()}
        for name, result in results.items():
            if result.exception():
                failed.append(f"{name}: {type(result.exception()).__name__}: {result.exception()}")
    assert not failed, f"{len(failed)} of {len(cases)} failed:\n" + "\n".join(failed)
