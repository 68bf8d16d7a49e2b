"""Several stories at once: one that fails hides none of the others."""

import concurrent.futures


def tell(told, at_once):
    """`told`: name of a story -> a function that tells it."""
    failed = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=at_once) as several:
        results = {name: several.submit(story) for name, story in told.items()}
        for name, result in results.items():
            if result.exception():
                failed.append(f"{name}: {type(result.exception()).__name__}: {result.exception()}")
    assert not failed, f"{len(failed)} of {len(told)} were not borne:\n" + "\n".join(failed)
