"""The rule ids and their levels: oasdiff's vocabulary, so that what teams know and have written down about its findings holds here.

Most ids are a part of an operation and what changed there, so they are one grid. E breaks clients, W may break them, I does not.
Ours, named in the same way, are those for what would else change in silence: `additional-properties-*`, `enum-removed`, `items-*`,
`multiple-of-*`, `not-*`, `unique-items-*`, `max-properties-*`, `min-properties-*`; constraints of parameters, bodies and headers that
oasdiff has of properties only; `request-parameter-style-changed`, `request-parameter-property-added`, `-removed`, `-added-required`;
`api-security-component-changed`.
"""

from __future__ import annotations

from enum import IntEnum


class Level(IntEnum):
    """The effect of a change on clients that conform to the base document."""

    INFO = 1
    WARN = 2
    ERR = 3

    @property
    def word(self) -> str:
        """The level in JSON: `error`, `warning`, `info`."""
        return {Level.INFO: "info", Level.WARN: "warning", Level.ERR: "error"}[self]


LETTERS = {"E": Level.ERR, "W": Level.WARN, "I": Level.INFO}
PARTS = (
    "request-parameter",
    "request-parameter-property",
    "request-body",
    "request-property",
    "response-body",
    "response-property",
    "response-header",
)
GRID = """
additional-properties-closed         E - E E I I I
additional-properties-opened         I - I I I I I
all-of-added                         E - E E I I I
all-of-added-annotation-only         I - I I I I I
all-of-removed                       W - W W I I I
all-of-removed-annotation-only       I - I I I I I
any-of-added                         I - I I I I I
any-of-removed                       E - E E I I I
became-enum                          E - E E I I I
became-not-nullable                  E E E E I I I
became-nullable                      I I I I E E E
became-optional                      I - I I - E E
became-required                      E - E E - I -
const-added                          E - E E I I I
const-changed                        E - E E E E E
const-removed                        I - I I E E E
contains-added                       E - E E I I I
contains-removed                     I - I I E E E
content-encoding-changed             E - E E E E E
content-media-type-changed           E - E E E E E
content-schema-added                 E - E E I I I
content-schema-removed               I - I I E E E
default-value-added                  E - I I I I I
default-value-changed                E - I I I I I
default-value-removed                E - I I I I I
dependent-required-added             E - E E I I I
dependent-required-changed           E - E E E E E
dependent-required-removed           I - I I E E E
dependent-schema-added               E - E E I I I
dependent-schema-removed             I - I I E E E
deprecated                           I - - I - I -
deprecated-sunset-invalid            - - - E - E -
deprecated-sunset-missing            E - - E - E -
deprecated-with-sunset               - - - I - I -
discriminator-added                  I - I I I I I
discriminator-mapping-added          I - I I I I I
discriminator-mapping-changed        I - I I I I I
discriminator-mapping-deleted        I - I I I I I
discriminator-property-name-changed  I - I I I I I
discriminator-removed                I - I I I I I
else-added                           E - E E I I I
else-removed                         I - I I E E E
enum-removed                         I - I I W W W
enum-value-added                     I I I I W W W
enum-value-removed                   E E E E - I I
exclusive-max-decreased              E - E E - - -
exclusive-max-increased              I - I I E E E
exclusive-max-set                    W - W W - - -
exclusive-min-decreased              I - I I E E E
exclusive-min-increased              E - E E - - -
exclusive-min-set                    W - W W - - -
if-added                             E - E E I I I
if-removed                           I - I I E E E
items-added                          E - E E I I I
items-removed                        I - I I E E E
list-of-types-narrowed               E E E E I I -
list-of-types-widened                I I I I E E -
max-contains-decreased               E - E E I I I
max-contains-increased               I - I I E E E
max-decreased                        E - E E - - -
max-increased                        I - I I E E E
max-items-decreased                  E - E E - - -
max-items-increased                  I - I I E E E
max-length-decreased                 E - E E - - -
max-length-increased                 I - I I E E E
max-length-set                       W - W W - - -
max-length-unset                     - - - - E E E
max-properties-decreased             E - E E - - -
max-properties-increased             I - I I E E E
max-set                              W - W W - - -
media-type-schema-added              - - E - I - -
media-type-schema-removed            - - I - W - -
min-contains-decreased               I - I I E E E
min-contains-increased               E - E E I I I
min-decreased                        I - I I E E E
min-increased                        E - E E - - -
min-items-decreased                  I - - - E E E
min-items-increased                  E - E E - - -
min-items-set                        W - W W - - -
min-items-unset                      - - - - E E E
min-length-decreased                 I - I I E E E
min-length-increased                 E - E E - - -
min-properties-decreased             I - I I E E E
min-properties-increased             E - E E - - -
min-set                              W - W W - - -
multiple-of-added                    E - E E - - -
multiple-of-changed                  E - E E E E E
multiple-of-removed                  I - I I E E E
not-added                            E - E E I I I
not-removed                          I - I I E E E
one-of-added                         I - I I E E E
one-of-removed                       E - E E I I I
pattern-added                        E - E E I I I
pattern-changed                      W - W W I I I
pattern-generalized                  I - I I - - -
pattern-property-added               E - E E I I I
pattern-property-removed             I - I I E E E
pattern-removed                      I - I I I I I
prefix-items-added                   I - I I E E E
prefix-items-removed                 E - E E I I I
property-names-added                 E - E E I I I
property-names-removed               I - I I E E E
reactivated                          I - - I - I -
removed                              W - E W - - -
stability-decreased                  - - - E - E -
stability-increased                  - - - I - I -
sunset-date-too-small                E - - E - E -
then-added                           E - E E I I I
then-removed                         I - I I E E E
type-changed                         E W E E E E E
type-compatible                      - - I I I I I
type-generalized                     I I I I E E E
type-specialized                     - E - - I I I
unevaluated-items-added              E - E E I I I
unevaluated-items-removed            I - I I E E E
unevaluated-properties-added         E - E E I I I
unevaluated-properties-removed       I - I I E E E
unique-items-added                   E - E E - - -
unique-items-removed                 I - I I E E E
wrapped-in-one-of                    - - E - E - -
x-extensible-enum-value-removed      E - - E - - -
"""
ERRORS = """
    api-deprecated-sunset-missing api-deprecated-sunset-parse api-invalid-stability-level api-path-removed-before-sunset
    api-path-removed-without-deprecation api-path-sunset-parse api-removed-before-sunset api-removed-without-deprecation
    api-stability-decreased api-sunset-date-changed-too-small api-sunset-date-too-small new-request-path-parameter
    new-required-request-default-parameter-to-existing-path new-required-request-header-property new-required-request-parameter
    new-required-request-property new-required-request-property-with-default request-body-added-required request-body-media-type-removed
    request-header-property-became-enum request-header-property-became-required request-parameter-property-added-required
    request-parameter-removed-before-sunset request-parameter-style-changed request-parameter-sunset-date-changed-too-small
    request-parameter-sunset-deleted request-parameter-sunset-parse request-property-became-required-with-default
    required-response-header-removed response-media-type-name-generalized response-media-type-removed response-required-property-removed
    response-success-status-removed sunset-deleted webhook-removed
"""
WARNINGS = """
    api-security-component-changed optional-response-header-removed request-parameter-property-removed
    response-optional-property-removed response-required-property-became-not-write-only
"""
INFOS = """
    api-global-security-added api-global-security-removed api-global-security-scope-added api-global-security-scope-removed
    api-major-version-not-bumped api-operation-id-added api-operation-id-removed api-path-removed-with-deprecation
    api-removed-with-deprecation api-schema-removed api-security-added api-security-component-added
    api-security-component-oauth-scope-added api-security-component-oauth-scope-changed api-security-component-oauth-scope-removed
    api-security-component-oauth-token-url-changed api-security-component-oauth-url-changed api-security-component-removed
    api-security-component-type-changed api-security-removed api-security-scope-added api-security-scope-removed api-stability-increased
    api-tag-added api-tag-removed api-version-decreased api-version-not-bumped endpoint-added endpoint-deprecated
    endpoint-deprecated-with-sunset endpoint-reactivated new-optional-request-default-parameter-to-existing-path
    new-optional-request-parameter new-optional-request-property request-body-added-optional request-body-media-type-added
    request-optional-property-became-not-read-only request-optional-property-became-not-write-only
    request-optional-property-became-read-only request-optional-property-became-write-only request-parameter-property-added
    request-parameter-removed-with-deprecation request-read-only-property-enum-value-removed
    request-read-only-property-exclusive-max-decreased request-read-only-property-exclusive-min-increased
    request-read-only-property-max-decreased request-read-only-property-max-length-decreased request-read-only-property-min-increased
    request-required-property-became-not-read-only request-required-property-became-not-write-only
    request-required-property-became-read-only request-required-property-became-write-only response-header-added
    response-media-type-added response-media-type-name-changed response-media-type-name-specialized
    response-mediatype-enum-value-removed response-non-success-status-added response-non-success-status-removed
    response-optional-property-added response-optional-property-became-not-read-only response-optional-property-became-not-write-only
    response-optional-property-became-read-only response-optional-property-became-write-only response-optional-write-only-property-added
    response-optional-write-only-property-removed response-required-property-added response-required-property-became-not-read-only
    response-required-property-became-read-only response-required-property-became-write-only response-required-write-only-property-added
    response-required-write-only-property-removed response-success-status-added response-write-only-property-became-optional
    response-write-only-property-became-required response-write-only-property-enum-value-added webhook-added
"""


def _levels() -> dict[str, Level]:
    levels: dict[str, Level] = {}
    for line in GRID.split("\n"):
        stem, *letters = line.split() or [""]
        levels |= {f"{part}-{stem}": LETTERS[letter] for part, letter in zip(PARTS, letters, strict=False) if letter in LETTERS}
    for level, names in ((Level.ERR, ERRORS), (Level.WARN, WARNINGS), (Level.INFO, INFOS)):
        levels |= dict.fromkeys(names.split(), level)
    return levels


LEVELS = _levels()
