// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/overlay.h"

#include "ui/services/overlay_reader_p.h"
#include "ui/services/settings.h"

#include <utility>

namespace pissarro::ui {

namespace {
constexpr int kDrainMs = 100;
constexpr int kFollowMs = 1000;
} // namespace

Overlay::Overlay(QObject* parent)
    : Service(parent)
    , m_reader(std::make_shared<OverlayReader>())
    , m_queue(std::make_shared<GuardedQueue<OverlayPicture>>())
    , m_others(stored(setting::kOtherRuns))
{
    m_draining.setInterval(kDrainMs);
    m_following.setInterval(kFollowMs);
    goWith(m_jobs, [](const QString& why) {
        return Failed {tr("The runs could not be compared"), {}, why};
    });
    connect(&m_draining, &QTimer::timeout, this, &Overlay::drain);
    connect(&m_following, &QTimer::timeout, this, [this] {
        if (!m_cancelled && !m_jobs.isBusy()) {
            look();
        }
    });
    connect(&m_jobs, &JobBridge::cancelled, this, [this] {
        if (!m_jobs.isBusy()) {
            m_cancelled = true;
            m_isRead = true; // nothing more comes
            m_draining.stop();
            drain();
            announce(this, &Overlay::changed);
        }
    });
    connect(&m_jobs, &JobBridge::failed, this, [this] {
        m_isRead = true;
        m_draining.stop();
    });
}

Overlay::~Overlay() = default;

void Overlay::setRuns(const QVector<OverlayRun>& runs)
{
    if (std::exchange(m_runs, runs) != runs) {
        m_isRead = false;
        refresh();
    }
}

void Overlay::setWish(const OverlayWish& wish)
{
    if (!(std::exchange(m_wish, wish) == wish)) {
        m_isRead = false;
        refresh();
    }
}

void Overlay::setFollowing(bool on)
{
    on ? m_following.start() : m_following.stop();
}

void Overlay::refresh()
{
    m_cancelled = false;
    look();
}

void Overlay::cancel()
{
    m_jobs.cancel();
}

void Overlay::look()
{
    m_queue =
        std::make_shared<GuardedQueue<OverlayPicture>>(); // not what an earlier look brings late
    m_jobs.start<std::optional<OverlayPicture>>(
        [reader = m_reader, queue = m_queue, runs = m_runs, wish = m_wish,
         known = m_picture.serial](const core::JobContext& job) {
            return reader->look(runs, wish, known, job, [&queue](OverlayPicture picture) {
                queue->push(std::move(picture));
            });
        },
        [this](std::optional<OverlayPicture> picture) {
            m_draining.stop();
            const bool isNews = !std::exchange(m_isRead, true);
            if (picture) {
                show(std::move(*picture));
            } else if (isNews) {
                announce(this, &Overlay::changed);
            }
            if (!std::holds_alternative<Ready>(state())) {
                setState(Ready {}); // looks that find nothing new are silent
            }
        });
    m_draining.start();
}

void Overlay::drain()
{
    auto pictures = m_queue->takeAll();
    if (!pictures.empty()) {
        show(std::move(pictures.back()));
    }
}

void Overlay::show(OverlayPicture picture)
{
    m_picture = std::move(picture);
    announce(this, &Overlay::changed);
}

void Overlay::addOthers(const QStringList& paths)
{
    m_others = storeChange(setting::kOtherRuns, [&paths](QStringList& others) {
        for (const QString& path : paths) {
            others.removeAll(path);
            others.append(path);
        }
    });
    announce(this, &Overlay::othersChanged);
}

void Overlay::removeOther(const QString& path)
{
    m_others =
        storeChange(setting::kOtherRuns, [&path](QStringList& others) { others.removeAll(path); });
    announce(this, &Overlay::othersChanged);
}

} // namespace pissarro::ui
