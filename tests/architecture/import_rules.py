"""Who may import what? Each rule takes a module and gives the sentences that say what is wrong with it."""

from collections.abc import Iterator

from tests.architecture.source import PACKAGES, ROOT, ROOT_MODULES, Module, imports, lies_under

# What each package may import of the product. Read upwards: domain knows nobody, app.py knows the desk.
MAY_IMPORT = {
    "domain": (),
    "settings": ("domain",),
    "collectors": ("domain",),
    "classifiers": ("domain",),
    "db": ("domain",),
    "services": ("domain", "settings", "collectors", "classifiers", "db"),
    "bootstrap": ("domain", "settings", "collectors", "classifiers", "db", "services"),
    "worker": ("domain", "settings", "collectors", "classifiers", "db", "services", "bootstrap"),
    "desk": ("domain", "settings", "collectors", "classifiers", "db", "services", "bootstrap"),
    "app": ("domain", "settings", "services", "bootstrap", "desk"),
}

# One module beyond that: what the worker sends to people is said in the desk's words (decision 0018).
ALSO = {"worker": ("desk.alert_words",)}

# Outside library to the only places that import it.
ONLY_IN = {
    "streamlit": ("desk", "app"),
    "starlette": ("desk", "app"),
    "apscheduler": ("worker",),
    "procrastinate": ("worker.distributed",),
    "alembic": ("db",),
    "openpyxl": ("collectors", "services"),
    "xlsxwriter": ("services",),
    "apprise": ("services.alert_courier",),
    "torch": ("classifiers.training", "classifiers.hub"),
}
# Libraries that take seconds to import: only where they are the point, else inside the function that needs them.
HEAVY = ("transformers", "onnxruntime", "tokenizers", "torch", "py3langid", "pandas", "pyarrow")
HEAVY_HOMES = ("classifiers.bundled", "classifiers.hub", "classifiers.training")
# A network's own library, known to the `client` module of that network alone.
NETWORK_LIBRARIES = ("tweepy", "praw", "prawcore", "mastodon", "atproto", "feedparser")
# Names of SQLAlchemy that say "inside a transaction" and carry no knowledge of tables.
SQLALCHEMY_OPEN_TO_ALL = ("sqlalchemy.Connection", "sqlalchemy.Row", "sqlalchemy.engine.Connection")
NAMES_CONCRETE_ONES = ("collectors.registry", "classifiers.registry", "bootstrap")
# Folders beside the concrete ones; the single modules of the two packages are shared anyway.
SHARED_FOLDERS = {"collectors": (), "classifiers": ("rules", "evaluation", "teaching", "topics")}

# The recipe makes the bundled model, so it reads texts exactly as that does.
MAKER_OF = {"classifiers.training": "bundled"}


def against_the_direction(module: Module) -> Iterator[str]:
    """Imports of the product that point the wrong way."""
    allowed = MAY_IMPORT[module.package]
    for found in imports(module):
        other = found.target.split(".")[0]
        if other not in MAY_IMPORT or other == module.package or other in allowed:
            continue
        if not any(lies_under(found.target, each) for each in ALSO.get(module.package, ())):
            yield f"{module.name}:{found.line} imports {found.target}: {module.package} must not know {other}"


def outside_its_home(module: Module) -> Iterator[str]:
    """Imports of a library that only one part of the product may know."""
    for found in imports(module):
        library = found.target.split(".")[0]
        if library in ONLY_IN and not module.is_in(*ONLY_IN[library]):
            yield f"{module.name}:{found.line} imports {library}: only {' and '.join(ONLY_IN[library])} may"
        if library in NETWORK_LIBRARIES and not (module.is_in("collectors") and module.name.endswith(".client")):
            yield f"{module.name}:{found.line} imports {library}: only the network's client.py may"


def tables_outside_the_store(module: Module) -> Iterator[str]:
    """SQL and table definitions outside db: services speak to repositories."""
    if module.is_in("db"):
        return
    for found in imports(module):
        if lies_under(found.target, "db.tables"):
            yield f"{module.name}:{found.line} imports {found.target}: tables belong to db"
        open_to_all = found.target == "sqlalchemy" or found.target in SQLALCHEMY_OPEN_TO_ALL
        if lies_under(found.target, "sqlalchemy") and not open_to_all:
            yield f"{module.name}:{found.line} imports {found.target}: SQL belongs to db"


def heavy_at_the_top(module: Module) -> Iterator[str]:
    """Slow libraries imported when the module is, outside the folders that are about them."""
    if module.is_in(*HEAVY_HOMES):
        return
    for found in imports(module):
        if found.at_module_level and found.target.split(".")[0] in HEAVY:
            yield f"{module.name}:{found.line} imports {found.target} at the top: import it where it is used"


def concrete_names(module: Module) -> Iterator[str]:
    """Imports of one particular channel or model by code that should ask the registry."""
    if module.is_in(*NAMES_CONCRETE_ONES):
        return
    for found in imports(module):
        package, _, rest = found.target.partition(".")
        one = rest.split(".")[0]
        if package not in SHARED_FOLDERS or not one or _is_shared(package, one) or module.is_in(f"{package}.{one}"):
            continue
        if any(module.is_in(maker) and one == made for maker, made in MAKER_OF.items()):
            continue
        yield f"{module.name}:{found.line} imports {found.target}: ask {package}.registry for it"


def _is_shared(package: str, one: str) -> bool:
    return one in SHARED_FOLDERS[package] or (ROOT / package / f"{one}.py").exists()


RULES = (against_the_direction, outside_its_home, tables_outside_the_store, heavy_at_the_top, concrete_names)

assert set(MAY_IMPORT) == {*PACKAGES, *ROOT_MODULES}
