// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/version.h"
#include "core/tensor/start_log.h"

#include <torch/version.h>

#include <QRegularExpression>
#include <QTest>

using namespace pissarro;

class StartLogTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void names_theMachine()
    {
        const QByteArray before = qgetenv("PISSARRO_OPS");
        const bool wasSet = qEnvironmentVariableIsSet("PISSARRO_OPS");
        const QString machine =
            QStringLiteral("[0-9]+ threads?, [a-z0-9]+%1, [0-9.]+ [GT]B, LibTorch ")
            + QRegularExpression::escape(QString::fromLatin1(TORCH_VERSION));
        const auto fits = [&](const QString& choice) {
            const QString text = QString::fromStdString(core::machineText());
            return QRegularExpression(QRegularExpression::anchoredPattern(machine.arg(choice)))
                .match(text)
                .hasMatch();
        };
        qunsetenv("PISSARRO_OPS");
        QVERIFY2(fits(QString()), core::machineText().c_str());
        qputenv("PISSARRO_OPS", "nonsense"); // told, not refused: that is for whoever computes
        QVERIFY2(fits(QStringLiteral(" \\(PISSARRO_OPS=nonsense\\)")), core::machineText().c_str());
        if (wasSet) {
            qputenv("PISSARRO_OPS", before);
        } else {
            qunsetenv("PISSARRO_OPS");
        }
    }

    void begins_withProgramAndVerb()
    {
        const std::string version = core::version();
        QVERIFY(core::startEntry("pissarro-cli", "train")
                    .message.starts_with("pissarro-cli " + version + ", verb train, on "));
        QVERIFY(core::startEntry("pissarro").message.starts_with("pissarro " + version + ", on "));
        QVERIFY(core::startEntry("pissarro").level == core::LogLevel::Info);
    }
};

QTEST_GUILESS_MAIN(StartLogTest)
#include "tst_start_log.moc"
