import msgspec
from fake_feeds import SOMEBODY, Always, Post, frame

from store_engine.intake import FrontDoor
from store_engine.messages import Arrival
from store_engine.ports import RawArrival
from store_engine.vision.feed import FeedCounts
from store_engine.vision.node import BACKLOG_MAX, CameraNode
from tests.tiny_store import tiny_store


def node(post: Post, *people) -> CameraNode:
    return CameraNode("cam", store="tiny", detector=Always(*people), publisher=post, boot=7)


def test_a_frame_becomes_a_message_with_its_capture_time():
    post = Post()
    node(post, SOMEBODY).see(frame(3))
    (said,) = post.frames
    assert (said.device, said.boot, said.sequence) == ("cam", 7, 0)
    assert said.time_us == frame(3).time_us
    assert said.people == (SOMEBODY,)
    assert post.sent[0][0] == "stores/tiny/cameras/cam/frames"


def test_an_empty_frame_is_said_too():
    post = Post()
    node(post).see(frame())
    assert post.frames[0].people == ()


def test_frames_are_numbered_one_by_one_and_statuses_repeat_the_latest():
    post = Post()
    voice = node(post)
    voice.say("online", "", time_us=1)
    for number in range(3):
        voice.see(frame(number))
    voice.say("online", "", time_us=2)
    assert [said.sequence for said in post.frames] == [0, 1, 2]
    assert [said.sequence for said in post.statuses] == [0, 2]


def test_a_status_is_retained_and_a_frame_is_not():
    post = Post()
    voice = node(post)
    voice.see(frame())
    voice.say("online", "", time_us=1)
    assert [(qos, retain) for _, _, qos, retain in post.sent] == [(1, False), (1, True)]


def test_a_frame_there_is_no_room_for_takes_no_number_and_is_told():
    post = Post(waiting=BACKLOG_MAX)
    voice = node(post)
    voice.see(frame(0))
    post.waiting = 0
    voice.see(frame(1))
    said = voice.report(feed=FeedCounts(read=2), trouble="", time_us=1)
    assert [one.sequence for one in post.frames] == [0]
    assert (said.state, said.detail.split(":")[0]) == ("degraded", "1 frames not sent")


def test_all_that_a_node_says_is_let_in_by_the_engine():
    post = Post()
    voice = node(post, SOMEBODY)
    voice.see(frame())
    voice.say("degraded", "dark image", time_us=5)
    door = FrontDoor(tiny_store())
    heard = [door.accept(RawArrival(9, topic, payload)) for topic, payload, _, _ in post.sent]
    assert all(isinstance(one, Arrival) for one in heard)


def test_nothing_of_the_image_leaves_the_node():
    payloads = []
    for shade in (50, 200):
        post = Post()
        node(post, SOMEBODY).see(frame(shade=shade))
        payloads.append(post.sent[0][1])
    assert payloads[0] == payloads[1]
    assert set(msgspec.json.decode(payloads[0])) == {
        "type", "device", "boot", "sequence", "time_us", "version", "people",
    }  # fmt: skip
