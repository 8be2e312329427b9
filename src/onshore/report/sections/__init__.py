"""The sections of a bulletin: one file for each question, each giving one ``Section``."""
