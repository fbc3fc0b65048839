"""The names of a TypeScript client: functions, iterators, groups, and the arguments of credentials."""

from __future__ import annotations

from dataclasses import dataclass

from contract.names import camel, unique
from contract.sdk.plan import SdkPlan
from contract.sdk.typescript_modules.literals import camel_case, iterator_name

# Functions that the layer exports, and the names of imported modules in the modules of functions.
LAYER_FUNCTIONS = ("verify", "clientCredentials", "e", "o", "s", "t")
LAYER_TYPES = (
    *("ApiError", "Bytes", "CallOptions", "Client", "ClientOptions", "Connection", "ConnectionFailedError", "ConnectionOptions"),
    *("Credential", "Download", "FormFile", "Hooks", "InvalidArgumentError", "Options", "Retries", "SdkError", "ServerSentEvent", "Stream"),
    *("TimedOutError", "TokenRefusedError", "UnexpectedResponseError", "UnexpectedStatusError", "WebhookEvent", "WebhookVerificationError"),
)


@dataclass(frozen=True, slots=True)
class Names:
    """By the names of the plan: the function of a method, its iterator, the attribute of a group, the option of a credential."""

    functions: dict[str, str]
    iterators: dict[str, str]
    groups: dict[str, str]
    credentials: dict[str, str]

    def exported_types(self, plan: SdkPlan) -> list[str]:
        """Names that no type of the document may have."""
        errors = plan.errors
        return [*LAYER_TYPES, *(item.name for item in errors.statuses), *(item.name for item in errors.codes)]


def names_of(plan: SdkPlan) -> Names:
    """All names, each once."""
    methods = [method.name for method in plan.methods]
    functions = unique((camel_case(name) for name in methods), LAYER_FUNCTIONS)
    paged = [method.name for method in plan.methods if method.paging]
    iterators = unique((iterator_name(name) for name in paged), [*LAYER_FUNCTIONS, *functions])
    groups = list(plan.groups)
    arguments = [scheme.argument for scheme in plan.schemes]
    options = ("baseUrl", "variables", "headers", "retries", "timeout", "fetch", "hooks", "warn")
    return Names(
        functions=dict(zip(methods, functions, strict=True)),
        iterators=dict(zip(paged, iterators, strict=True)),
        groups=dict(zip(groups, unique(camel_case(group) for group in groups), strict=True)),
        credentials=dict(zip(arguments, unique((camel_case(name) for name in arguments), options), strict=True)),
    )


def class_name(group: str) -> str:
    """The class of a group's methods."""
    return f"{camel(group)}Calls"
