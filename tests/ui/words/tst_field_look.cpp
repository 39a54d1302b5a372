// SPDX-License-Identifier: GPL-3.0-or-later
// What settings and their values are called where they are listed.
#include "ui/words/field_look.h"

#include <QTest>

#include <array>
#include <cstddef>

using namespace pissarro;
using namespace pissarro::ui;

class TestFieldLook : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everySetting_hasATitle()
    {
        for (const core::SpecField& field : core::specFields()) {
            QVERIFY2(!settingTitle(field.key).isEmpty(), field.key.c_str());
            QVERIFY2(settingTitle(field.key) == fieldLook(field).title, field.key.c_str());
        }
        QCOMPARE(settingTitle("learning_rate"), QStringLiteral("Learning rate"));
        QCOMPARE(settingTitle("no such key"), QStringLiteral("no such key"));
    }

    void values_areSaidAsTheFormSaysThem()
    {
        QCOMPARE(settingValue("method", "qpissa"), QStringLiteral("QPiSSA"));
        QCOMPARE(settingValue("double_quant", "true"), QStringLiteral("8-bit"));
        QCOMPARE(settingValue("double_quant", "false"), QStringLiteral("float32"));
        QCOMPARE(settingValue("svd", "fast"), QStringLiteral("fast"));
        QCOMPARE(settingValue("learning_rate", "2e-5"), QStringLiteral("2e-5"));
        QCOMPARE(settingValue("Folder", "true"), QStringLiteral("true")); // of no setting
    }

    void eachGroup_hasSettings()
    {
        std::array<int, kFieldGroups> count {};
        for (const core::SpecField& field : core::specFields()) {
            if (field.level == core::Level::Advanced) {
                ++count[static_cast<std::size_t>(fieldLook(field).group)];
            }
        }
        for (const int settings : count) {
            QVERIFY(settings > 0);
        }
        QVERIFY(fieldLook(core::specField("dropout")).group == FieldGroup::What);
        QVERIFY(fieldLook(core::specField("seed")).group == FieldGroup::HowLong);
    }
};

QTEST_GUILESS_MAIN(TestFieldLook)
#include "tst_field_look.moc"
