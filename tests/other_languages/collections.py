"""All collections: how each is read, and how many of its rows agree at least."""

from tests.other_languages import filters, lucene, postgres

COLLECTIONS = {
    "PostgreSQL: which documents match": (postgres.matches, 28),
    "PostgreSQL: how many documents match": (postgres.counts, 10),
    "PostgreSQL: how queries are understood": (postgres.parsed, 10),
    "Lucene: what is a query, and what it means": (lucene.lucene, 25),
    "Lucene: queries for its index in memory": (lucene.memory_index, 50),
    "luqum: what is a query": (lucene.luqum, 15),
    "miniflux: rules": (filters.miniflux, 15),
    "MonitoRSS: filters": (filters.monitorss, 1),
    "percolators: stored queries": (filters.percolators, 3),
}
