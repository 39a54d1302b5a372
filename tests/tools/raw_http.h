// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP as bytes on a socket: what a client sends, well-behaved or not, and what comes back.
#pragma once

#include "tests/tools/patience.h"

#include <QByteArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pissarro::tests {

struct RawReply {
    int status = 0; // 0: none came
    QByteArray head;
    QByteArray body; // out of its chunks

    QJsonObject json() const { return QJsonDocument::fromJson(body).object(); }
    QJsonObject error() const { return json()["error"].toObject(); }
    // The JSON of each "data:" line, without the last, [DONE].
    QList<QJsonObject> events() const
    {
        QList<QJsonObject> found;
        for (const QByteArray& line : body.split('\n')) {
            if (line.startsWith("data: {")) {
                found.append(QJsonDocument::fromJson(line.mid(6)).object());
            }
        }
        return found;
    }
};

// A connection to this machine.
class RawConnection {
public:
    explicit RawConnection(int port)
        : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address {};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        m_isOpen =
            ::connect(m_socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    ~RawConnection() { close(); }
    RawConnection(const RawConnection&) = delete;
    RawConnection& operator=(const RawConnection&) = delete;

    bool isOpen() const { return m_isOpen; }
    void send(const QByteArray& bytes) const
    {
        for (qsizetype at = 0; at < bytes.size();) {
            const auto sent = ::send(m_socket, bytes.constData() + at,
                                     static_cast<std::size_t>(bytes.size() - at), MSG_NOSIGNAL);
            if (sent <= 0) {
                return; // the other side has closed: what it said before is still read
            }
            at += sent;
        }
    }
    // All that comes until `mark` is among it, or the other side closes; empty `mark`: until then.
    QByteArray readUntil(const QByteArray& mark)
    {
        while (mark.isEmpty() || !m_read.contains(mark)) {
            pollfd waits {m_socket, POLLIN, 0};
            char bytes[4096];
            const auto count =
                ::poll(&waits, 1, hangMs()) > 0 ? ::recv(m_socket, bytes, sizeof bytes, 0) : 0;
            if (count <= 0) {
                break;
            }
            m_read.append(bytes, count);
        }
        return m_read;
    }
    void close()
    {
        if (m_socket >= 0) {
            ::close(m_socket);
        }
        m_socket = -1;
    }

private:
    int m_socket;
    bool m_isOpen = false;
    QByteArray m_read;
};

// A request that is answered on a connection of its own.
inline QByteArray requestText(const QByteArray& method, const QByteArray& path,
                              const QByteArray& body = {}, const QByteArray& more = {})
{
    QByteArray text = method + " " + path + " HTTP/1.1\r\nConnection: close\r\n" + more;
    if (!more.contains("Host:")) {
        text += "Host: 127.0.0.1\r\n";
    }
    if (method == "POST") {
        if (!more.contains("Content-Type:")) {
            text += "Content-Type: application/json\r\n";
        }
        text += "Content-Length: " + QByteArray::number(body.size()) + "\r\n";
    }
    return text + "\r\n" + body;
}

inline RawReply replyIn(const QByteArray& bytes)
{
    RawReply reply;
    const qsizetype end = bytes.indexOf("\r\n\r\n");
    if (!bytes.startsWith("HTTP/1.1 ") || end < 0) {
        return reply;
    }
    reply.status = bytes.mid(9, 3).toInt();
    reply.head = bytes.left(end);
    reply.body = bytes.mid(end + 4);
    if (reply.head.toLower().contains("transfer-encoding: chunked")) {
        QByteArray whole;
        for (qsizetype at = 0;;) {
            const qsizetype line = reply.body.indexOf("\r\n", at);
            const int size = reply.body.mid(at, line - at).toInt(nullptr, 16);
            if (line < 0 || size <= 0) {
                break;
            }
            whole += reply.body.mid(line + 2, size);
            at = line + 2 + size + 2;
        }
        reply.body = whole;
    }
    return reply;
}

inline RawReply askRaw(int port, const QByteArray& method, const QByteArray& path,
                       const QByteArray& body = {}, const QByteArray& more = {})
{
    RawConnection connection(port);
    connection.send(requestText(method, path, body, more));
    return replyIn(connection.readUntil({}));
}

} // namespace pissarro::tests
