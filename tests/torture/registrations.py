"""Faults at the sixth call, update_webhook, which the daemon makes for POST /v1/register-webhook."""

import json

from catalogue import EITHER, LONE, QUIET, REFUSED, TAKEN, whole
from crooked import Assignment, Crooked
from scenes import peak

FAMILIES = ("connection", "framing", "flood", "status", "redirect")
NO_JSON = {"blank", "HTML", "JSON, cut", "two JSON documents", "JSON in an array", "JSON in a string", "UTF-16", "invalid UTF-8",
           "NUL after it", "nested 100,000 deep", "a string of 10 MiB", "JSON and a word", "a comma too many"}


def struck():
    """The faults that apply: not those about the session an answer names."""
    return [Assignment(fault, "update_webhook") for fault in whole()
            if fault.pace != LONE and fault.name != "answers out of step" and (fault.family in FAMILIES or fault.name in NO_JSON)]


def right_of_registration(fault):
    """The expected outcome here. Any 2xx is a success; the body does not matter."""
    if fault.right == REFUSED and (fault.name.startswith(("204", "206", "encoded", "millions")) or fault.name in NO_JSON):
        return EITHER
    return REFUSED if fault.family in ("status", "redirect") and fault.right != EITHER else fault.right


def registrations(scene, some):
    """POST /v1/register-webhook returns 200 with BankConnect's body, or 502 with the error."""
    world = scene.world('webhook.public_url = "https://hooks.example/bankconnect"\n')
    crooked = Crooked(world.sandbox_port)
    world.upstream_url = crooked.url
    wrong = []
    try:
        world.start_daemon()
        memory = peak(world)
        for assignment in some:
            crooked.registration = assignment
            status, told = world.request("POST", "/v1/register-webhook")
            fault = assignment.fault
            right = right_of_registration(fault)
            found = json.loads(told) if told else None
            label = f"{fault.family}: {fault.name}, at update_webhook: {status} {told[:200]}"
            error = (found or {}).get("error") if status != 200 else None
            scene.sayings.add(fault, "update_webhook", [error["code"]] if error else [], [error["message"]] if error else [])
            if right == REFUSED and (status != 502 or not error or not error["code"]):
                wrong.append(f"{label}: not refused with a reason")
            if right == TAKEN and (status != 200 or found != {"message": "success"}):
                wrong.append(f"{label}: refused")
            if right in (EITHER, QUIET) and status not in (200, 502):
                wrong.append(label)
        crooked.registration = None
        status, _ = world.request("POST", "/v1/register-webhook")
        if status != 200:
            wrong.append(f"registering goes on failing: {status}")
        return wrong + scene.finish(world, crooked, {}, memory)
    finally:
        world.end()
        crooked.end()
