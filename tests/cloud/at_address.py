"""In a network of its own, which has the address of ECS's agent: prints which keys a client has got there."""

import fcntl
import json
import pathlib
import socket
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent)]

from support.metadata import AGENT, Metadata  # noqa: E402  (the path is set above)
from support.s3_client import Client  # noqa: E402
from test_credentials import BUCKET, presigned  # noqa: E402

SET_ADDRESS, SET_FLAGS, UP = 0x8916, 0x8914, 1  # SIOCSIFADDR, SIOCSIFFLAGS, IFF_UP: netdevice(7)
ADDRESS = "169.254.170.2"


def main():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SET_FLAGS, struct.pack("16sh22x", b"lo", UP))
        name = struct.pack("16sHH4s16x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(ADDRESS))
        fcntl.ioctl(control, SET_ADDRESS, name)
    Metadata(ADDRESS, 80)
    with Client(BUCKET, keys=None, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=AGENT) as client:
        print(json.dumps(presigned(client)))


if __name__ == "__main__":
    main()
