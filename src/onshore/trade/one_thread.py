"""Matrix products on one core, where several would mostly wait for each other."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep the linear algebra within to one thread, where ``threadpoolctl`` is installed.

    Products of a few hundred rows are over before a second core has woken up; the first waits for
    it, busily. On a loaded machine that costs several times the work itself.
    """
    try:
        from threadpoolctl import threadpool_limits
    except ModuleNotFoundError:
        yield
        return
    with threadpool_limits(limits=1, user_api="blas"):
        yield
