"""Answers lines of JSON, [name, [argument, ...]], with what the function of the socket module returns or raises."""

import json
import socket
import sys


def decode(value):
    if isinstance(value, dict):
        return bytes.fromhex(value["bytes"])
    return tuple(map(decode, value)) if isinstance(value, list) else value


def encode(value):
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    return list(map(encode, value)) if isinstance(value, (list, tuple)) else value


def kind(error):
    return "ValueError" if isinstance(error, ValueError) else type(error).__name__


for line in sys.stdin:
    name, arguments = json.loads(line)
    try:
        answer = {"value": encode(getattr(socket, name)(*map(decode, arguments)))}
    except Exception as error:
        answer = {"error": kind(error), "errno": getattr(error, "errno", None)}
    print(json.dumps(answer))
