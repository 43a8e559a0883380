"""Who may speak at a store's broker: its own authority, a certificate each, and an access list.

    certificates  X.509: one authority a store; a certificate's common name is who its holder is
    register      what the authority issued and revoked
    access        what each name may publish and hear, from the same table as the topics
    mosquitto     the broker's configuration
    access_folder all of it as files: begin, enroll, revoke, list
    client_files  what one client needs of it

A device proves who it is by its key; what it may say follows from its name and the store map.
"""
