"""Runs several cases in parallel. All of them run, even if one fails."""

import concurrent.futures


def tell(told, at_once):
    """`told`: name of a case -> its function."""
    failed = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=at_once) as several:
        results = {name: several.submit(story) for name, story in told.items()}
        for name, result in results.items():
            if result.exception():
                failed.append(f"{name}: {type(result.exception()).__name__}: {result.exception()}")
    assert not failed, f"{len(failed)} of {len(told)} failed:\n" + "\n".join(failed)
