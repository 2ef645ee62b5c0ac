"""Symbolic links in place of files: a whole folder by one link where all that belongs into it lies in one folder already."""

import os

from typing import Any, Dict, List, Optional, Tuple

Links = List[Tuple[str, str]]


def fold_links(placements: Dict[str, str]) -> Links:
    """Links (target, source) that put each source file of `placements`, by its target's absolute path, where it belongs.

    A folder that exists is not replaced: something was written there. A folder is linked to one only that holds the same names and no others.
    """
    tree = {}  # type: Dict[str, Any]
    for target, source in placements.items():
        *folders, name = target.strip("/").split("/")
        node = tree
        for folder in folders:
            node = node.setdefault(folder, {})
        node[name] = source
    links = []  # type: Links
    _collect(tree, "/", links)
    return sorted(links)


def place_links(placements: Dict[str, str]) -> None:
    """Makes the links, relative to where they lie, and the folders that hold them."""
    for target, source in fold_links(placements):
        folder = os.path.dirname(target)
        os.makedirs(folder, exist_ok=True)
        os.symlink(os.path.relpath(source, folder), target)


def _collect(node: Any, path: str, links: Links) -> None:
    source = _source_of(node, path)
    if source is not None:
        links.append((path, source))
        return
    for name, child in node.items():
        _collect(child, os.path.join(path, name), links)


def _source_of(node: Any, path: str) -> Optional[str]:
    """What a link at `path` would say; None for a folder that has to be one itself."""
    if isinstance(node, str):
        return node
    if os.path.lexists(path):
        return None
    sources = {name: _source_of(child, os.path.join(path, name)) for name, child in node.items()}
    folders = {os.path.dirname(source) if source and os.path.basename(source) == name else None for name, source in sources.items()}
    if len(folders) != 1 or None in folders:
        return None
    folder = folders.pop()
    return folder if folder and set(os.listdir(folder)) == set(sources) else None
