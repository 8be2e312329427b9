"""Every request on its way in: language, session, second factor, actor, limits."""

__all__: list[str] = []
