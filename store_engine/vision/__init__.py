"""The camera node: frames in, detections messages out; runs beside a camera, not in the engine.

    source ─▶ feed ─▶ detector ─▶ node ─▶ publisher (MQTT, or a recording)
    (images)  (newest)  (people)   (messages)

Pixels end here: what leaves a node is boxes, joints, scores and times, never an image.
Needs the packages of the extra `vision`.
"""
