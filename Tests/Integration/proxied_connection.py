"""A client's connection through a `FaultProxy`, and the one to the server that belongs to it."""

from __future__ import annotations

import contextlib
import dataclasses
import select
import socket
import ssl
import struct
import threading
import time
from typing import Callable, Iterator, Optional, Union

from http_message import KEPT, REQUEST_LINE, Body, Request, Response, Stream
from pace import Pace
from wire_faults import Answer, Cut, Delay, Edit, Fault, Stall


@dataclasses.dataclass
class Context:
    """What all connections of a proxy share."""

    note: Callable[[Request], Optional[Fault]]
    """Tells the proxy of a request, and what happens to it."""
    connect: Callable[[], socket.socket]
    upload: Pace
    download: Pace
    is_closed: threading.Event


class Ended(Exception):
    """The connection has, or a fault wants it to."""

    def __init__(self, is_fault: bool = False, resets: bool = False) -> None:
        super().__init__()
        self.is_fault, self.resets = is_fault, resets


class Gate:
    """Where bytes of one request, or of its answer, leave the proxy: at their pace, and up to where the fault happens."""

    def __init__(
        self, target: socket.socket, pace: Pace, counted: Callable[[int], None], limit: Optional[int], happens: Callable[[], None]
    ) -> None:
        self._target, self._pace, self._counted, self._limit, self._happens = target, pace, counted, limit, happens
        self.count = 0

    def send(self, data: Union[bytes, memoryview]) -> None:
        if self._limit is not None and self.count + len(data) >= self._limit:
            rest = self._limit - self.count
            self._send(data[:rest])
            self.end()
            data = data[rest:]
        self._send(data)

    def end(self) -> None:
        """There was no more to send: if the fault has not happened yet, it does now."""
        if self._limit is not None:
            self._limit = None
            self._happens()

    def _send(self, data: Union[bytes, memoryview]) -> None:
        if len(data):
            self._pace.wait(len(data))
            self._target.sendall(data)
            self.count += len(data)
            self._counted(self.count)


class ProxiedConnection:
    """One thread does everything on it: TLS wants it so."""

    def __init__(self, context: Context, client: socket.socket, number: int) -> None:
        self._context = context
        self._number = number
        self._client = Stream(client)
        self._server: Optional[Stream] = None
        self._unsent: Optional[Body] = None
        """A body that may still come, or not: its request was answered before it began."""
        self._unsent_target: Optional[Stream] = None
        self._request: Optional[Request] = None

    def run(self, tls: Optional[ssl.SSLContext]) -> None:
        """Returns when the connection has ended."""
        end = Ended()
        try:
            if tls is not None:
                self._client = Stream(tls.wrap_socket(self._client.connection, server_side=True))
            while self._await_request():
                self._serve()
        except Ended as ended:
            end = ended
        except (OSError, ValueError):
            pass  # Somebody has ended it, or speaks no HTTP.
        if self._request is not None and self._request.ended is None:
            self._request.ended = time.monotonic()
        if self._server is not None:
            self._server.connection.close()
        with contextlib.suppress(OSError):
            if end.resets:
                self._client.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif not end.is_fault:
                self._linger()
        self._client.connection.close()

    def cut(self) -> None:
        """From another thread."""
        for stream in (self._client, self._server):
            if stream is not None:
                with contextlib.suppress(OSError):
                    # Not that of TLS, which would write.
                    socket.socket.shutdown(stream.connection, socket.SHUT_RDWR)

    # A request

    def _await_request(self) -> bool:
        """Whether another one comes. What comes of a body that nobody waited for goes where bodies go."""
        while True:
            # A server that speaks now ends a connection that was idle.
            if not self._client.has_some() and (self._server_speaks() or not self._client.read_ahead()):
                return False
            if self._unsent is None or REQUEST_LINE.match(self._client.ahead):
                self._unsent = None
                return True
            data = self._client.some(self._unsent.limit)
            self._unsent.took(data)
            if self._unsent_target is not None:
                self._unsent_target.connection.sendall(data)
            if self._unsent.is_over:
                self._unsent = None

    def _serve(self) -> None:
        head = self._client.until(b"\r\n\r\n")
        if not head:
            raise Ended
        self._request = request = Request.parse(head, self._number, time.monotonic())
        fault = self._context.note(request)
        action = fault.action if fault else None
        if fault is not None and isinstance(action, Answer):
            self._answer(request, fault, action)
        else:
            first = isinstance(action, (Cut, Stall, Delay)) and action.where == "request"
            later = None if first else fault
            server = self._upload(request, head, fault if first else None, later)
            while request.response is None:
                self._respond(request, server, later)
        request.ended = time.monotonic()
        if request.response is None or request.response.closes:
            raise Ended

    def _upload(self, request: Request, head: bytes, fault: Optional[Fault], later: Optional[Fault]) -> Stream:
        """Sends it on. The server may answer before it has all of it: `later` is what happens to the answer."""
        limit = fault.action.after if fault is not None and isinstance(fault.action, (Cut, Stall)) else None
        if limit is None:
            self._happen(fault)
        if self._server is None:
            self._server = Stream(self._context.connect())
        server = self._server
        server.connection.sendall(head)
        request.is_forwarded = True

        def counted(count: int) -> None:
            request.body_bytes = count

        gate = Gate(server.connection, self._context.upload, counted, limit, lambda: self._happen(fault))
        body = request.framing
        while not body.is_over:
            if request.response is None and not self._client.has_some() and self._server_speaks():
                self._respond(request, server, later)
                if request.response is None:
                    continue
                if request.response.closes:
                    raise Ended
                if request.waits and not gate.count:
                    self._unsent, self._unsent_target = body, server
                    return server
            data = self._read(request, body)
            try:
                gate.send(data)
            except OSError:
                return server  # It may have answered before it stopped to read.
        gate.end()
        return server

    def _read(self, request: Request, body: Body) -> memoryview:
        """Some of its body."""
        data = self._client.some(min(body.limit, self._context.upload.chunk))
        if not data:
            raise Ended
        content = body.took(data)
        if len(request.body) < KEPT:
            request.body += bytes(content[: KEPT - len(request.body)])
        return data

    def _answer(self, request: Request, fault: Fault, action: Answer) -> None:
        body = request.framing
        if not action.reads_body:
            if not body.is_over:
                self._unsent, self._unsent_target = body, None
        elif request.waits and not body.is_over:
            self._client.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        while action.reads_body and not body.is_over:
            data = self._read(request, body)
            self._context.upload.wait(len(data))
            request.body_bytes += len(data)
        self._happen(fault)
        request.response = action.response
        self._client_gate(request).send(request.response.encode(request.method))

    # Its answer

    def _respond(self, request: Request, server: Stream, fault: Optional[Fault]) -> None:
        """Passes on what the server says next. That may be an interim answer: then there is no response yet."""
        if not self._server_speaks(select.POLLRDHUP):
            raise Ended  # The client has left.
        head = server.until(b"\r\n\r\n")
        if not head:
            raise Ended
        response = Response.parse(head)
        if response.status < 200:
            self._client.connection.sendall(head)
            return
        request.response = response
        body = response.framing(request.method)
        if fault is None:
            gate = self._client_gate(request)
            gate.send(head)
            for data in self._contents(server, response, body, KEPT):
                gate.send(data)
        else:
            # Only at the end of its answer has the server done everything: some begin with 200 and say later what it came to.
            wire = head + b"".join(bytes(data) for data in self._contents(server, response, body, None))
            limit = fault.action.after or 0 if isinstance(fault.action, (Cut, Stall)) else None
            if limit is None:
                self._happen(fault)
            if isinstance(fault.action, Edit):
                fault.action.change(response)
                wire = response.encode(request.method)
            gate = self._client_gate(request, limit, fault)
            gate.send(wire)
            gate.end()
        if body.is_endless:
            raise Ended

    def _contents(self, server: Stream, response: Response, body: Body, kept: Optional[int]) -> Iterator[memoryview]:
        """The bytes of its body, as they are on the wire. So much of what they mean is kept; None: all."""
        while not body.is_over:
            data = server.some(min(body.limit, self._context.download.chunk))
            if not data and body.is_endless:
                return
            if not data:
                raise Ended
            content = body.took(data)
            if kept is None or len(response.body) < kept:
                response.body += bytes(content if kept is None else content[: kept - len(response.body)])
            yield data

    def _client_gate(self, request: Request, limit: Optional[int] = None, fault: Optional[Fault] = None) -> Gate:
        def counted(count: int) -> None:
            request.response_bytes = count

        return Gate(self._client.connection, self._context.download, counted, limit, lambda: self._happen(fault))

    # Waiting

    def _happen(self, fault: Optional[Fault]) -> None:
        if fault is None:
            return
        fault.happens()
        action = fault.action
        if isinstance(action, Cut):
            raise Ended(is_fault=True, resets=action.reset)
        if isinstance(action, Stall):
            self._pause(None, fault.released)
        elif isinstance(action, Delay):
            self._pause(action.seconds, fault.released)

    def _pause(self, seconds: Optional[float], released: threading.Event) -> None:
        """Also ends with the client."""
        end = None if seconds is None else time.monotonic() + seconds
        poll = select.poll()
        poll.register(self._client.connection, select.POLLRDHUP)
        while not released.is_set() and (end is None or time.monotonic() < end):
            if poll.poll(10) or self._context.is_closed.is_set():
                raise Ended(is_fault=True)

    def _server_speaks(self, client_events: int = select.POLLIN) -> bool:
        """Waits until the server has said something, or has ended, or until one of these events comes from the client. True if it is the
        server."""
        poll = select.poll()
        poll.register(self._client.connection, client_events)
        if self._server is None:
            poll.poll()
            return False
        if self._server.has_some():
            return True
        poll.register(self._server.connection, select.POLLIN)
        return any(descriptor == self._server.connection.fileno() for descriptor, _ in poll.poll())

    def _linger(self) -> None:
        """What was said last is lost if a connection is closed on which there is something to read."""
        socket.socket.shutdown(self._client.connection, socket.SHUT_WR)
        poll = select.poll()
        poll.register(self._client.connection, select.POLLIN)
        end = time.monotonic() + 2
        while poll.poll(100) and time.monotonic() < end and socket.socket.recv(self._client.connection, KEPT):
            pass
