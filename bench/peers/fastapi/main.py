"""The services that Daybook follows, as FastAPI's tutorials have them."""

import os
import sqlite3
from datetime import datetime, timezone
from typing import List, Optional

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, create_engine
from sqlalchemy.ext.declarative import declarative_base
from sqlalchemy.orm import Session, relationship, sessionmaker

DATABASE_FILE = os.environ["DATABASE_FILE"]

engine = create_engine(f"sqlite:///{DATABASE_FILE}", connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)
Base = declarative_base()


class TaskRow(Base):
    __tablename__ = "tasks"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    done = Column(Boolean)


class UserRow(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    email = Column(String, unique=True, index=True)
    hashed_password = Column(String)
    is_active = Column(Boolean, default=True)
    items = relationship("ItemRow", back_populates="owner")


class ItemRow(Base):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)
    title = Column(String)
    description = Column(String)
    owner_id = Column(Integer, ForeignKey("users.id"))
    owner = relationship("UserRow", back_populates="items")


class TaskIn(BaseModel):
    name: str
    done: bool


class Task(TaskIn):
    id: int

    class Config:
        orm_mode = True


class Item(BaseModel):
    title: str
    description: Optional[str] = None
    id: int
    owner_id: int

    class Config:
        orm_mode = True


class User(BaseModel):
    email: str
    id: int
    is_active: bool
    items: List[Item] = []

    class Config:
        orm_mode = True


class LogIn(BaseModel):
    message: str


app = FastAPI()
logs = sqlite3.connect(DATABASE_FILE)


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


@app.get("/info")
def info():
    return "fastapi"


@app.get("/tasks/{task_id}", response_model=Task)
def read_task(task_id: int, db: Session = Depends(get_db)):
    task = db.query(TaskRow).filter(TaskRow.id == task_id).first()
    if task is None:
        raise HTTPException(status_code=404, detail="Task not found")
    return task


@app.get("/tasks/", response_model=List[Task])
def read_tasks(db: Session = Depends(get_db)):
    return db.query(TaskRow).order_by(TaskRow.id).all()


@app.put("/tasks/{task_id}", response_model=Task)
def replace_task(task_id: int, task_in: TaskIn, db: Session = Depends(get_db)):
    task = db.query(TaskRow).filter(TaskRow.id == task_id).first()
    if task is None:
        raise HTTPException(status_code=404, detail="Task not found")
    task.name = task_in.name
    task.done = task_in.done
    db.commit()
    db.refresh(task)
    return task


@app.get("/users/", response_model=List[User])
def read_users(skip: int = 0, limit: int = 100, db: Session = Depends(get_db)):
    return db.query(UserRow).order_by(UserRow.id).offset(skip).limit(limit).all()


@app.post("/log")
async def create_log(entry: LogIn):
    timestamp = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    logs.execute("INSERT INTO logs (message, timestamp) VALUES (?, ?)", (entry.message, timestamp))
    logs.commit()
    return {"status": "Log entry created"}


@app.get("/logs")
async def read_logs():
    rows = logs.execute("SELECT id, message, timestamp FROM logs ORDER BY id").fetchall()
    return {"logs": [{"id": row[0], "message": row[1], "timestamp": row[2]} for row in rows]}
