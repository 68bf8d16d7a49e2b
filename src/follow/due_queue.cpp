#include "src/follow/due_queue.hpp"

namespace bankconnect::follow {

void DueQueue::put(Slot slot, Steady due) {
  if (slot >= position_of_.size()) position_of_.resize(slot + 1, kAbsent);
  if (position_of_[slot] == kAbsent) {
    heap_.push_back({due, slot});
    sift_up(heap_.size() - 1, {due, slot});
    return;
  }
  const std::size_t position = position_of_[slot];
  if (due < heap_[position].due) {
    sift_up(position, {due, slot});
  } else {
    sift_down(position, {due, slot});
  }
}

void DueQueue::remove(Slot slot) {
  if (slot >= position_of_.size() || position_of_[slot] == kAbsent) return;
  const std::size_t position = position_of_[slot];
  position_of_[slot] = kAbsent;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (position == heap_.size()) return;
  if (last.due < heap_[position].due) {
    sift_up(position, last);
  } else {
    sift_down(position, last);
  }
}

std::optional<Slot> DueQueue::first() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().slot;
}

void DueQueue::place(std::size_t position, Entry entry) {
  heap_[position] = entry;
  position_of_[entry.slot] = static_cast<std::uint32_t>(position);
}

void DueQueue::sift_up(std::size_t position, Entry entry) {
  while (position > 0) {
    const std::size_t parent = (position - 1) / 2;
    if (heap_[parent].due <= entry.due) break;
    place(position, heap_[parent]);
    position = parent;
  }
  place(position, entry);
}

void DueQueue::sift_down(std::size_t position, Entry entry) {
  for (;;) {
    std::size_t child = 2 * position + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].due < heap_[child].due) ++child;
    if (heap_[child].due >= entry.due) break;
    place(position, heap_[child]);
    position = child;
  }
  place(position, entry);
}

}  // namespace bankconnect::follow
