// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/base64.h"

#include <QByteArray>
#include <QTest>

#include <random>
#include <string>

using pissarro::core::base64Bytes;

class Base64Test : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equals_qt()
    {
        std::mt19937 random(7);
        for (int size = 0; size < 70; ++size) {
            QByteArray bytes(size, '\0');
            for (char& byte : bytes) {
                byte = static_cast<char>(random());
            }
            const std::string expected = bytes.toStdString();
            QCOMPARE(base64Bytes(bytes.toBase64().toStdString()).value(), expected);
            QCOMPARE(
                base64Bytes(bytes.toBase64(QByteArray::OmitTrailingEquals).toStdString()).value(),
                expected);
        }
    }

    void refuses_whatIsNone()
    {
        for (const char* text : {"A", "AAAAA", "AA=A", "AA A", "AA\n", "AA==AA==", "AA-_",
                                 "====", "AAA==", "AA=", "\xC3\xA9"}) {
            QVERIFY2(!base64Bytes(text), text);
        }
    }
};

QTEST_GUILESS_MAIN(Base64Test)
#include "tst_base64.moc"
