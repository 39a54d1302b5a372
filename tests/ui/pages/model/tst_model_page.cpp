// SPDX-License-Identifier: GPL-3.0-or-later
// The tree and the tokenizer box with the real model; nothing is computed, headers are enough.
#include "core/model/model_files.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/tools/demo_model.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/model/model_page.h"
#include "ui/pages/model/module_tree_model.h"
#include "ui/pages/model/recent_list.h"
#include "ui/pages/model/tokenizer_card.h"
#include "ui/services/path_kind.h"
#include "ui/services/recent.h"
#include "ui/services/services.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QAction>
#include <QDir>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

class TestModelPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_model_page"));
        QSettings().clear();
        Theme::instance().setMode(ThemeMode::Light);
        if (demoModel().isEmpty()) {
            QSKIP("the demo model is not there: ./dev setup fetches it");
        }
        m_files = core::ModelFiles::open(demoModel().toStdString());
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    // Ctrl+F and a part of a name: what holds it is unfolded, all else is out of sight; Help's first steps lead back here.
    void find_narrowsTheTree()
    {
        Services services;
        ModelPage page(services);
        page.resize(1200, 700);
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        services.model.open(demoModel());
        QTRY_VERIFY_WITH_TIMEOUT(services.model.files() != nullptr, 30'000);
        auto* view = page.findChild<QTreeView*>(QStringLiteral("model.tree"));
        auto* edit = page.findChild<QLineEdit*>(QStringLiteral("model.find"));
        const auto rows = [view] {
            int count = 0;
            const QAbstractItemModel* model = view->model();
            for (int i = 0; i < model->rowCount(); ++i) {
                count += 1 + model->rowCount(model->index(i, 0));
            }
            return count;
        };
        const int all = rows();
        QVERIFY(all > 200);
        for (QAction* action : page.actions()) {
            if (action->objectName() == QLatin1String("model.findAction")) {
                QCOMPARE(action->shortcut(), QKeySequence(QKeySequence::Find));
                action->trigger();
            }
        }
        QVERIFY(edit->hasFocus() || QGuiApplication::focusWindow() == nullptr);
        edit->setText(QStringLiteral("Q_PROJ"));
        const int found = rows();
        QVERIFY2(found > 0 && found < all / 2, qPrintable(QString::number(found)));
        QVERIFY(view->isExpanded(view->model()->index(0, 0)));
        edit->setText(QStringLiteral("no such module"));
        QCOMPARE(view->model()->rowCount(), 0);
        edit->clear();
        QCOMPARE(rows(), all);
        page.take(QStringLiteral("first steps"));
        auto* back = page.findChild<QAbstractButton*>(QStringLiteral("model.empty.back"));
        QVERIFY(back->isVisible());
        back->click();
        QVERIFY(view->isVisible() && !back->isVisible());
    }

    void tree_keepsTheRulesOfItemModels()
    {
        ModuleTreeModel tree;
        QAbstractItemModelTester tester(&tree,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        tree.setModel(m_files);
        const QString module = QStringLiteral("model.layers.3.self_attn.q_proj");
        core::ModuleSpectrum one;
        one.module = module.toStdString();
        one.spectrum.values = {3.0, 2.0, 1.0};
        const QHash<QString, std::shared_ptr<const core::ModuleSpectrum>> spectra {
            {module, std::make_shared<const core::ModuleSpectrum>(one)}};
        QSignalSpy changed(&tree, &QAbstractItemModel::dataChanged);
        tree.setSpectra(spectra, {module, QStringLiteral("no.such.module")});
        QCOMPARE(changed.count(), 1);
        const QModelIndex cell = changed[0][0].toModelIndex();
        QCOMPARE(cell.column(), static_cast<int>(ModuleTreeModel::Sigma));
        QCOMPARE(cell.data(ModuleTreeModel::kModuleRole).toString(), module);
        QCOMPARE(cell.data(ModuleTreeModel::kValuesRole).value<QVector<double>>(),
                 (QVector<double> {3.0, 2.0, 1.0}));
        tree.setModel(nullptr);
        QCOMPARE(tree.rowCount(), 0);
    }

    void tree_showsEveryWeightOnce()
    {
        ModuleTreeModel tree;
        tree.setModel(m_files);
        const qint64 layers = m_files->config().layers;
        QCOMPARE(tree.index(0, 0).data().toString(), QStringLiteral("embed_tokens"));
        QCOMPARE(tree.index(1, 0).data().toString(), QStringLiteral("Layer 0"));
        QCOMPARE(tree.index(1, ModuleTreeModel::Parameters).data().toString(),
                 QStringLiteral("3,540,096")); // 2·576 + 2·576² + 2·192·576 + 3·576·1536
        std::size_t weights = 0;
        for (int row = 0; row < tree.rowCount(); ++row) {
            const int below = tree.rowCount(tree.index(row, 0));
            weights += below == 0 ? 1 : static_cast<std::size_t>(below);
        }
        QCOMPARE(weights, m_files->weights().size());
        const QModelIndex first = tree.index(1, 0);
        QCOMPARE(tree.rowCount(first), 9);
        QCOMPARE(tree.index(1, 0, first).data().toString(), QStringLiteral("q_proj"));
        QCOMPARE(tree.index(1, ModuleTreeModel::Shape, first).data().toString(),
                 QStringLiteral("576 × 576"));
        QCOMPARE(tree.index(8, 0, first).data().toString(), QStringLiteral("down_proj"));
        QVERIFY(tree.rowCount() >= layers + 2);
    }

    void tokenizerBox_showsPiecesAndIds()
    {
        const auto tokenizer = core::openTokenizer(demoModel().toStdString());
        TokenizerCard card;
        card.setTokenizer(tokenizer, {});
        auto* text = card.findChild<QPlainTextEdit*>(QStringLiteral("tokenizer.text"));
        QVERIFY(text);
        const QString typed = QStringLiteral("Mia packs 48 pens.\n");
        text->setPlainText(typed);
        const std::vector<std::int32_t> ids = tokenizer->encode(typed.toStdString());
        const QVector<TokenPiece>& pieces = card.pieces()->pieces();
        QCOMPARE(static_cast<std::size_t>(pieces.size()), ids.size());
        QString joined;
        for (int i = 0; i < pieces.size(); ++i) {
            QCOMPARE(pieces[i].id, ids[static_cast<std::size_t>(i)]);
            joined += pieces[i].text;
        }
        QCOMPARE(joined, QStringLiteral("Mia·packs·48·pens.⏎"));
        QVERIFY(card.pieces()->heightForWidth(60) > card.pieces()->heightForWidth(600));
    }

    // use.md 24: of a long text it counts the beginning, and says so.
    void tokenizerBox_saysWhatItCounts()
    {
        const auto tokenizer = core::openTokenizer(demoModel().toStdString());
        TokenizerCard card;
        card.setTokenizer(tokenizer, {});
        auto* text = card.findChild<QPlainTextEdit*>(QStringLiteral("tokenizer.text"));
        text->setPlainText(QStringLiteral("word ").repeated(2000));
        const auto labels = card.findChildren<QLabel*>();
        QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) {
            return label->text().contains(
                QStringLiteral("tokens in the first 4,000 of 10,000 characters"));
        }));
    }

    // use.md 25: a token that is part of a character shows its bytes, and the character stands over the parts.
    void tokenizerBox_showsPartsOfCharacters_data()
    {
        QTest::addColumn<QString>("model");
        QTest::newRow("byte-level") << demoModel();
        QTest::newRow("SentencePiece") << QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");
    }
    void tokenizerBox_showsPartsOfCharacters()
    {
        QFETCH(QString, model);
        const auto tokenizer = core::openTokenizer(model.toStdString());
        const QString word = QStringLiteral("a😀b");
        const QVector<TokenPiece> pieces = piecesOf(*tokenizer, word);
        QByteArray bytes;
        int parts = 0;
        for (const TokenPiece& piece : pieces) {
            if (!piece.character.isEmpty()) {
                QVERIFY2(piece.character.contains(QStringLiteral("😀")),
                         qPrintable(piece.character));
                bytes += QByteArray::fromHex(piece.text.toLatin1());
                parts += piece.parts;
            }
        }
        QVERIFY(parts > 1);
        QVERIFY2(QString::fromUtf8(bytes).trimmed() == QStringLiteral("😀"), bytes.toHex(' '));
    }

    void tokenizerBox_saysWhyThereIsNone()
    {
        TokenizerCard card;
        card.setTokenizer(nullptr, QStringLiteral("m: has no tokenizer"));
        QVERIFY(!card.findChild<QPlainTextEdit*>(QStringLiteral("tokenizer.text"))->isEnabled());
        QCOMPARE(card.findChild<QLabel*>(QStringLiteral("tokenizer.problem"))->text(),
                 QStringLiteral("m: has no tokenizer"));
        QVERIFY(card.pieces()->pieces().isEmpty());
    }

    // use.md 45: rows that had no room stood over the first one.
    void recentList_hidesWhatHasNoRoom()
    {
        QSettings().clear();
        Recent recent;
        for (int i = 0; i < 5; ++i) {
            recent.addModel(QStringLiteral("/models/m%1").arg(i));
        }
        QWidget window;
        auto* layout = new QVBoxLayout(&window);
        auto* list = new RecentList(recent, QStringLiteral("list"));
        layout->addWidget(list);
        list->setMostRows(3);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        const auto seen = [list] {
            QList<QRect> places;
            for (const QAbstractButton* row : list->findChildren<QAbstractButton*>()) {
                if (row->isVisible()) {
                    for (const QRect& other : std::as_const(places)) {
                        if (other.intersects(row->geometry())) {
                            return -1; // one over the other
                        }
                    }
                    places.append(row->geometry());
                }
            }
            return static_cast<int>(places.size());
        };
        QTRY_COMPARE(seen(), 3);
        list->setMostRows(1);
        QTRY_COMPARE(seen(), 1);
        recent.addModel(QStringLiteral("/models/new"));
        QTRY_COMPARE(seen(), 1);
        list->setMostRows(5);
        QTRY_COMPARE(seen(), 5);
    }

    void recentList_opensByClick()
    {
        Recent recent;
        recent.clear();
        RecentList list(recent, QStringLiteral("recent"));
        QVERIFY(list.isHidden());
        recent.addModel(QStringLiteral("/models/a.gguf"));
        recent.addModel(QStringLiteral("/models/b"));
        recent.addModel(QStringLiteral("/models/a.gguf"));
        QCOMPARE(recent.models(),
                 (QStringList {QStringLiteral("/models/a.gguf"), QStringLiteral("/models/b")}));
        QCOMPARE(Recent().models(), recent.models()); // remembered
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        QSignalSpy chosen(&list, &RecentList::chosen);
        auto* second = list.findChild<QAbstractButton*>(QStringLiteral("recent.1"));
        QVERIFY(second);
        QTest::mouseClick(second, Qt::LeftButton);
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(chosen[0][0].toString(), QStringLiteral("/models/b"));
    }

    void paths_goWhereTheyBelong()
    {
        QTemporaryDir folder;
        const QDir root(folder.path());
        const auto touch = [&root](const QString& name) {
            root.mkpath(QFileInfo(root.filePath(name)).path());
            QFile file(root.filePath(name));
            QVERIFY(file.open(QIODevice::WriteOnly));
        };
        touch(QStringLiteral("model/config.json"));
        touch(QStringLiteral("model/model.safetensors"));
        touch(QStringLiteral("run/run.json"));
        touch(QStringLiteral("twins/lora/run.json"));
        touch(QStringLiteral("rows.jsonl"));
        touch(QStringLiteral("m.gguf"));
        touch(QStringLiteral("m.pt"));
        touch(QStringLiteral("notes.txt"));
        touch(QStringLiteral("theirs/trainer_state.json"));
        touch(QStringLiteral("logs/events.out.tfevents.1.host.1.0"));
        touch(QStringLiteral("full/config.json"));
        touch(QStringLiteral("full/trainer_state.json"));
        const auto kind = [&root](const char* name) {
            return kindOf(root.filePath(QLatin1String(name)));
        };
        QCOMPARE(kind("model"), PathKind::Model);
        QCOMPARE(kind("model/model.safetensors"), PathKind::Model);
        QCOMPARE(kind("run"), PathKind::Run);
        QCOMPARE(kind("run/run.json"), PathKind::Run);
        QCOMPARE(kind("twins"), PathKind::Run);
        QCOMPARE(kind("rows.jsonl"), PathKind::Data);
        QCOMPARE(kind("m.gguf"), PathKind::Model);
        QCOMPARE(kind("m.pt"), PathKind::Model);
        QCOMPARE(kind("notes.txt"), PathKind::Unknown);
        QCOMPARE(kind("theirs"), PathKind::OthersRun);
        QCOMPARE(kind("theirs/trainer_state.json"), PathKind::OthersRun);
        QCOMPARE(kind("logs"), PathKind::OthersRun);
        QCOMPARE(kind("logs/events.out.tfevents.1.host.1.0"), PathKind::OthersRun);
        QCOMPARE(kind("full"), PathKind::Model); // with its log
        QCOMPARE(kindOf(QStringLiteral("org/name")), PathKind::Model);
        QCOMPARE(modelRootOf(root.filePath(QStringLiteral("model/config.json"))),
                 root.filePath(QStringLiteral("model")));
        QCOMPARE(modelRootOf(root.filePath(QStringLiteral("m.gguf"))),
                 root.filePath(QStringLiteral("m.gguf")));
    }

private:
    std::shared_ptr<const core::ModelFiles> m_files;
};

QTEST_MAIN(TestModelPage)
#include "tst_model_page.moc"
