// SPDX-License-Identifier: GPL-3.0-or-later
// The form filled from a file or a run, saved, and given back as it was before.
#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "ui/pages/train/train_form.h"
#include "ui/pages/train/train_page.h"
#include "ui/services/demo_order.h"
#include "ui/services/services.h"
#include "ui/widgets/widget_export.h"
#include "ui/words/method_look.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QPointer>
#include <QSettings>

namespace pissarro::ui {

namespace {

constexpr std::uint64_t kLargestSpec = 1 << 20; // bytes of a spec file
const QString kForm = QStringLiteral("form"); // key of the session: as JSON, with model and data
const QString kTwins = QStringLiteral("form.twins"); // names of methods
const QString kFormTwinRate = QStringLiteral("form.twinRate"); // TrainForm::twinRateText()
const QString kReturning =
    QStringLiteral("form.returning"); // it is being taken up: until that has worked

// Columns that are none are told of by the form.
DataReading readingOf(const core::RunSpec& spec)
{
    try {
        return {core::parseColumnMap(spec.columns), spec.learned, spec.strict};
    } catch (const core::Error&) {
        return {{}, spec.learned, spec.strict};
    }
}

} // namespace

// Everything that filling the form replaces.
struct TrainPage::Filling {
    core::RunSpec spec; // with model and data
    QVector<core::Method> twins;
    core::RankMap map; // of the Spectrum page
};

// A filling of the form that can be taken back.
class TrainPage::Refill : public QUndoCommand {
public:
    Refill(TrainPage* page, Filling before, Filling after, const QString& what)
        : QUndoCommand(what)
        , m_page(page)
        , m_before(std::move(before))
        , m_after(std::move(after))
    {
    }

    void undo() override { fill(m_before); }
    void redo() override { fill(m_after); }

private:
    void fill(const Filling& filling)
    {
        if (m_page) {
            m_page->m_services.undoStack.move([&] { m_page->fill(filling); });
        }
    }

    QPointer<TrainPage> m_page;
    Filling m_before;
    Filling m_after;
};

void TrainPage::chooseSpec(bool save)
{
    auto* dialog = new QFileDialog(this, save ? tr("Save spec") : tr("Load spec"), {},
                                   tr("Run specs (*.json);;All files (*)"));
    dialog->setObjectName(QStringLiteral("dialog.spec"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(save ? QFileDialog::AcceptSave : QFileDialog::AcceptOpen);
    dialog->setFileMode(save ? QFileDialog::AnyFile : QFileDialog::ExistingFile);
    dialog->setDefaultSuffix(QStringLiteral("json"));
    if (save) {
        dialog->selectFile(QFileInfo(m_form->runDirectory()).fileName() + QStringLiteral(".json"));
    }
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, save](const QString& path) { save ? saveSpec(path) : loadSpec(path); });
    dialog->open();
}

void TrainPage::saveSpec(const QString& path)
{
    const auto tell = [this, path](const QString& problem) {
        if (!problem.isEmpty()) {
            Q_EMIT failed({tr("The spec was not saved"), path, problem});
        }
    };
    try {
        saveOutput(
            this, path,
            [text = core::specToJson(m_form->spec()) + "\n"] {
                return QByteArray::fromStdString(text);
            },
            tell);
    } catch (const core::Error& error) { // a field that holds no number
        tell(QString::fromUtf8(error.what()));
    }
}

void TrainPage::loadSpec(const QString& path)
{
    m_specFile = path;
    m_specs.start<core::RunSpec>(
        [path = path.toStdString()](const core::JobContext& /*job*/) {
            const std::string text = core::readWholeFile(path, kLargestSpec);
            try {
                return core::specFromJson(text);
            } catch (const core::Error& error) {
                throw error.within(path);
            }
        },
        [this, name = QFileInfo(path).fileName()](const core::RunSpec& spec) {
            replaceForm(spec, tr("The form holds %1").arg(name));
        });
}

void TrainPage::useAsTemplate(const core::RunSpec& spec, const QString& what)
{
    replaceForm(spec, what.isEmpty() ? tr("The form holds the settings of another run") : what);
}

void TrainPage::take(const QVariant& with)
{
    if (with.canConvert<core::RunSpec>()) {
        useAsTemplate(with.value<core::RunSpec>());
    } else if (with.canConvert<DemoOrder>()) {
        const core::RunSpec spec = with.value<DemoOrder>().spec;
        replaceForm(spec, tr("The demo is set up"));
        m_form->setTwins({core::twinOf(spec.method)});
        m_form->setTwinRateText(QStringLiteral("same")); // the demo is of one recipe
        m_startsSoon = !m_services.training.isRunning();
        m_form->refresh();
    }
}

// --- From one start of the program to the next

void TrainPage::saveState(QSettings& session) const
{
    const bool opening = m_loaded && std::holds_alternative<Running>(m_services.model.state());
    if (!opening) {
        session.remove(kReturning);
    }
    const QString form = stateOfForm();
    if (!m_services.model.files() || opening || form.isEmpty()) {
        return; // what was kept before is better than nothing
    }
    QStringList twins;
    for (const core::Method twin : m_form->twins()) {
        twins.append(nameOf(twin));
    }
    session.setValue(kForm, form);
    session.setValue(kTwins, twins);
    session.setValue(kFormTwinRate, m_form->twinRateText());
}

QString TrainPage::stateOfForm() const
{
    try {
        return QString::fromStdString(core::specToJson(m_form->spec()));
    } catch (const core::Error&) {
        return {};
    }
}

void TrainPage::tellChange()
{
    const QString form = stateOfForm();
    QString now = form;
    for (const core::Method twin : m_form->twins()) {
        now += nameOf(twin);
    }
    now += m_form->twinRateText();
    if (std::exchange(m_kept, now) != now) {
        if (!form.isEmpty()) {
            m_services.sweepPlanner.setFormSpec(m_form->spec());
        }
        Q_EMIT stateToKeep();
    }
}

void TrainPage::offerState(QSettings& session)
{
    const QString stored = session.value(kForm).toString();
    if (stored.isEmpty()) {
        return;
    }
    try {
        const core::RunSpec spec = core::specFromJson(stored.toStdString());
        const QString model = QFileInfo(QString::fromStdString(spec.model)).fileName();
        const QString rows = QFileInfo(QString::fromStdString(spec.data)).fileName();
        Filling filling {spec, {core::twinOf(spec.method)}, {}};
        if (session.contains(kTwins)) {
            filling.twins.clear();
            for (const QString& twin : session.value(kTwins).toStringList()) {
                filling.twins.append(core::methodNamed(twin.toStdString()));
            }
        }
        m_form->setTwinRateText(session.value(kFormTwinRate, QStringLiteral("found")).toString());
        if (!session.value(kReturning).toBool()) {
            session.setValue(kReturning, true);
            session.sync(); // should the program not survive what comes
            fill(filling);
            return;
        }
        Q_EMIT noticed({tr("Go on where you were?"),
                        rows.isEmpty() ? model : tr("%1 with %2").arg(model, rows), tr("Go on"),
                        [this, spec] { useAsTemplate(spec, tr("All is as you left it")); }});
    } catch (const core::Error&) {
        session.remove(kForm); // of another version of the program
    }
}

// --- Filling the form

void TrainPage::replaceForm(const core::RunSpec& spec, const QString& what)
{
    const Filling before {m_form->spec(), m_form->twins(), m_services.ranks.map()};
    ChangeStack& stack = m_services.undoStack;
    stack.push(new Refill(this, before, {spec, before.twins, {}}, tr("filling the form")));
    m_refilled = what;
    m_startsSoon = false;
    // What is still to be opened may fail: of that nothing is said before.
    const bool open = !m_loaded && m_services.model.files()
        && (m_services.data.path().isEmpty()
            || std::holds_alternative<Ready>(m_services.data.state()));
    Q_EMIT noticed({what,
                    open ? tr("Its model and data are open; the run folder has a fresh name.")
                         : tr("The run folder has a fresh name."),
                    tr("Undo"), [this] { m_services.undoStack.undo(); }});
}

// The services first: what it tells the form on the way is no wish of the spec's.
void TrainPage::fill(const Filling& filling)
{
    const core::RunSpec& spec = filling.spec;
    m_loaded.reset();
    m_form->setHindrance({});
    m_services.ranks.setRank(static_cast<int>(spec.rank));
    m_services.ranks.setMap(filling.map);
    m_services.ranks.setSlice(spec.slice);
    m_services.data.setPromptTemplate(spec.promptTemplate);
    m_services.data.setMaxLength(static_cast<int>(spec.maxLength));
    const auto open = m_services.model.files();
    if (!spec.model.empty() && (!open || open->path() != spec.model)) {
        m_loaded = spec;
        m_form->setHindrance(tr("The model of the spec, %1, is being opened.")
                                 .arg(QString::fromStdString(spec.model)));
        m_services.model.open(QString::fromStdString(spec.model));
    }
    const QString rows = QString::fromStdString(spec.data);
    if (rows.isEmpty()) {
        m_services.data.close(); // else the open file would be trained on
    } else if (rows != m_services.data.path()) {
        m_services.data.open(rows);
    }
    m_services.data.setReading(readingOf(spec));
    m_form->setSpec(spec);
    m_form->setTwins(filling.twins);
    m_form->proposeRunDirectory();
    showData();
}

} // namespace pissarro::ui
