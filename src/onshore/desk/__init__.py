"""The web application: people, workflow, audit, screens and API.

The room answers: officers, buyers, makers and verifiers working on one programme together, from
a need to verified serial supply. It is a Django application; ``onshore serve`` runs it.

Who looks for a thing finds it here: ``models`` what the database holds, ``states`` a need's life,
``policies`` and ``access`` who may see and do what, ``actions`` what people do, ``audit`` what was
done, ``screens`` the pages, ``api`` the same for programs.
"""

__all__: list[str] = []
