"""Our own feeds: the alerts of a topic, and those one person got, as Atom and JSON Feed."""
