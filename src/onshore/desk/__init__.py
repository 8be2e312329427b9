"""The web application: people, workflow, audit, screens and API.

The room answers: officers, buyers, makers and verifiers working on one programme together, from
a need to verified serial supply. It is a Django application; ``onshore serve`` runs it.

Who looks for a thing finds it here: ``models`` what the database holds, ``states`` a need's life,
``policies`` and ``access`` who may see and do what, ``actions`` what people do, ``auditing`` what
was done, ``screens`` the pages, ``pages`` what they are made of, ``api`` the same for programs.
``reckoning`` holds the figures, ``choosing`` what helps to choose, ``analysing`` what is reckoned
in the background by ``jobs``; ``uploading`` takes files in, ``publishing`` gives them out,
``notices`` tells people and systems, ``entering`` receives each request, ``running`` keeps the
desk up, ``tables`` moves it from and to files.
"""

__all__: list[str] = []
